"""Knows a person by e-mail address and password."""

from dataclasses import dataclass, replace

from services.auth.domain.accounts import User
from services.auth.errors.admission import EmailUnverified
from services.auth.errors.credentials import InvalidCredentials
from services.auth.passwords.hashing import PasswordHasher
from services.auth.repository import users
from services.auth.sign_in.failures import FailedSignIns
from services.auth.sign_in.gate import SignInGate
from shared.contracts.email import Email
from shared.database import Database, Transaction
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class Recognition:
    """Unknown account, account without a password and wrong password are one answer, for the same work."""

    database: Database
    gate: SignInGate
    passwords: PasswordHasher
    failures: FailedSignIns

    async def __call__(self, email: Email, password: str, client: Client) -> User:
        """Who it is; ``InvalidCredentials``, ``TooManyAttempts``.

        A hash with former parameters is replaced by one with today's. Where another sign-in was faster, the password is
        looked at once more: of two at once with the right one, neither is refused.
        """
        async with self.gate.trying(email, client):
            user = await self._who(email, password, client)
        if user.password_hash is None or not self.passwords.is_outdated(user.password_hash):
            return user
        return await self._renew(user, await self.passwords.hash(password)) or await self._who(email, password, client)

    async def hold(self, tx: Transaction, recognised: User) -> User:
        """The person, whom nobody changes before ``tx`` ends, and whose password is still that one.

        ``InvalidCredentials`` when it was changed since, ``EmailUnverified`` while nobody has proven the address.
        ``tx`` is a transaction of that person.
        """
        current = await users.lock(tx, recognised.id)
        if current is None or current.password_hash != recognised.password_hash:
            raise InvalidCredentials
        if not current.is_verified:
            raise EmailUnverified
        return current

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

    async def _renew(self, user: User, password_hash: str) -> User | None:
        """The person with ``password_hash``; none, and nothing done, when they have another one by now."""
        async with self.database.transaction(user.tenant_id, person=user.id) as tx:
            current = await users.lock(tx, user.id)
            if current is None or current.password_hash != user.password_hash:
                return None
            renewed = replace(current, password_hash=password_hash)
            await users.save(tx, renewed)
        return renewed
