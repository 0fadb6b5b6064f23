"""Signing in with e-mail address and password."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.auth.domain.accounts import User
from services.auth.errors import EmailUnverified, InvalidCredentials, NotAMember
from services.auth.metrics import counted_sign_in
from services.auth.passwords.hashing import PasswordHasher
from services.auth.repository import memberships, users
from services.auth.sessions.issuer import SessionGrant, SessionIssuer
from services.auth.sign_in.failures import FailedSignIns
from services.auth.sign_in.gate import SignInGate
from shared.contracts.email import Email
from shared.database import Database
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class LogIn:
    """Begin a session in the home tenant, or in the one asked for.

    Unknown account, account without a password and wrong password are one answer, for the same work. What is wrong
    beside the password is told only to who has it.
    """

    database: Database
    gate: SignInGate
    passwords: PasswordHasher
    issuer: SessionIssuer
    failures: FailedSignIns

    async def __call__(self, email: Email, password: str, tenant_id: UUID | None, client: Client) -> SessionGrant:
        with counted_sign_in():
            return await self._log_in(email, password, tenant_id, client)

    async def _log_in(self, email: Email, password: str, tenant_id: UUID | None, client: Client) -> SessionGrant:
        admission = await self.gate.admit(email, client)
        user = await self._who(email, password, client)
        await self.gate.welcome(admission)
        renewed = await self._renewed(user, password)
        # The home tenant's transaction: a tenant that a request names opens nothing before it proves to be one's own.
        async with self.database.transaction(user.tenant_id, person=user.id) as tx:
            current = await users.lock(tx, user.id)
            if current is None or current.password_hash != user.password_hash:
                raise InvalidCredentials  # changed since it was verified
            if not current.is_verified:
                raise EmailUnverified
            if renewed:
                await users.save(tx, replace(current, password_hash=renewed))
            found = await memberships.find_with_tenant(tx, tenant_id or current.tenant_id, user.id)
            if found is None:
                raise NotAMember
            return await self.issuer.open(tx, current, *found, client)

    async def _who(self, email: Email, password: str, client: Client) -> User:
        async with self.database.look_up() as across:
            user = await users.find_by_email(across, email)
        right = await self.passwords.verify(password, user.password_hash if user else None)
        if user is None:
            raise InvalidCredentials
        if not right:
            self.failures.note(user, client.address)
            raise InvalidCredentials
        return user

    async def _renewed(self, user: User, password: str) -> str | None:
        """A hash with today's parameters, where the stored one has former ones."""
        if user.password_hash is None or not self.passwords.is_outdated(user.password_hash):
            return None
        return await self.passwords.hash(password)
