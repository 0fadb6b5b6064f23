"""Asks people to prove their address."""

from dataclasses import dataclass

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.one_time_tokens import LIFETIME, Credentials, OneTimeToken, Purpose
from services.auth.postbox import Postbox
from services.auth.repository import one_time_tokens
from shared.clock import Clock
from shared.database import Transaction
from shared.ids import new_token, token_hash


@dataclass(frozen=True, slots=True)
class Verification:
    """Mails links that prove an address and install the credentials of one sign-up."""

    postbox: Postbox
    clock: Clock

    async def ask(
        self, tx: Transaction, person: User, tenant: Tenant, credentials: Credentials, *, with_password: bool = True
    ) -> None:
        """Mail one more link; those before it stay good until one of them is used.

        ``tx`` is a transaction of the person's home tenant; ``tenant`` is the one that the mail names. Not
        ``with_password``: the credentials have none that anybody knows.
        """
        secret, now = new_token(), self.clock()
        token = OneTimeToken(
            hash=token_hash(secret),
            tenant_id=person.tenant_id,
            user_id=person.id,
            purpose=Purpose.VERIFY_EMAIL,
            credentials=credentials,
            created_at=now,
            expires_at=now + LIFETIME[Purpose.VERIFY_EMAIL],
        )
        await one_time_tokens.add(tx, token)
        await self.postbox.verification(tx, person.email, tenant, secret, with_password=with_password)
