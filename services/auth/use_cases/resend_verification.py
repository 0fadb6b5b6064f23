"""Asking for the verification mail again."""

from dataclasses import dataclass

from services.auth.domain.accounts import User
from services.auth.domain.one_time_tokens import Credentials
from services.auth.domain.throttling import Attempt
from services.auth.joining.enrol import held_tenant
from services.auth.joining.verification import Verification
from services.auth.passwords.hashing import PasswordHasher
from services.auth.repository import users
from services.auth.sign_in.even_time import ANSWER_SECONDS, at_least
from services.auth.sign_in.throttle import Throttle
from shared.contracts.email import Email
from shared.database import Database
from shared.ids import new_token


@dataclass(frozen=True, slots=True)
class ResendVerification:
    """Mail a fresh link, if the address waits for one. Answers and costs the same if it does not.

    If several sign-ups were made with the address, nobody can tell which of them asks. The link then installs a
    password that nobody knows, rather than that of a stranger.
    """

    database: Database
    hasher: PasswordHasher
    throttle: Throttle
    verification: Verification

    async def __call__(self, email: Email) -> None:
        async with at_least(ANSWER_SECONDS):
            unknown_password = await self.hasher.hash(new_token())
            account = await self._waiting(email)
            if account and await self.throttle.allows(Attempt.RESEND_VERIFICATION, email):
                await self._send(account, unknown_password)

    async def _waiting(self, email: Email) -> User | None:
        async with self.database.look_up() as tx:
            account = await users.find_by_email(tx, email)
        return account if account and not account.is_verified else None

    async def _send(self, account: User, unknown_password: str) -> None:
        async with self.database.transaction(account.tenant_id) as tx:
            person = await users.lock(tx, account.id)
            if person is None or person.is_verified:
                return
            tenant = await held_tenant(tx, account.tenant_id)
            credentials = Credentials(person.password_hash or unknown_password, person.name)
            known = person.password_hash is not None
            await self.verification.ask(tx, person, tenant, credentials, with_password=known)
