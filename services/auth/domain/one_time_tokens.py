"""What stands behind a link from a mail: good once, for one purpose, for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Purpose(StrEnum):
    """The one thing that a token is good for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose
    SIGN_IN = "sign_in"


LIFETIME = {Purpose.VERIFY_EMAIL: timedelta(hours=24), Purpose.RESET_PASSWORD: timedelta(hours=1)}
"""How long links are good; for those that sign in a setting says it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person chose at a sign-up. They count when the address is proven by the link of that very sign-up."""

    password_hash: str
    name: str


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    """The row of a token; of the token itself only the hash. A verification carries ``credentials``.

    ``tenant_id`` is the person's home; of a link that signs in, the tenant that it leads to.
    """

    hash: bytes
    tenant_id: UUID
    user_id: UUID
    purpose: Purpose
    credentials: Credentials | None
    created_at: datetime
    expires_at: datetime

    def is_good(self, at: datetime) -> bool:
        """Whether it has not expired."""
        return at < self.expires_at
