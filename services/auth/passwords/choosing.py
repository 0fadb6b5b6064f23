"""Which passwords may be set: by the rules, and by what has been stolen elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from services.auth.domain.accounts import Tenant
from services.auth.domain.passwords import check_new_password, context_of
from services.auth.errors.credentials import WeakPassword
from services.auth.passwords.breached import BreachedPasswords
from shared.contracts.email import Email


@dataclass(frozen=True, slots=True)
class NewPasswords:
    """Judges a password before it is hashed; where nothing is ``breached``, nobody outside is asked."""

    breached: BreachedPasswords | None = None

    @classmethod
    def checked_at(cls, url: str | None) -> Self:
        """Asks the service at ``url``, if there is one, for passwords that were stolen elsewhere."""
        return cls(BreachedPasswords(url) if url else None)

    async def check(self, password: str, email: Email, name: str, tenants: Iterable[Tenant]) -> None:
        """``WeakPassword``, with a sentence for its author, unless that person may set ``password``.

        May ask outside, for as long as that is given: never within a transaction.
        """
        check_new_password(password, context_words=context_of(email, name, tenants))
        if self.breached and await self.breached.know(password):
            raise WeakPassword("This password is in lists of passwords that were stolen elsewhere. Choose another one.")

    async def close(self) -> None:
        """Close all connections."""
        if self.breached:
            await self.breached.close()
