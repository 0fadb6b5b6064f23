"""Making somebody an operator of the platform."""

from dataclasses import dataclass

from services.auth.domain.accounts import User
from services.auth.domain.enrolment import Evidence
from services.auth.errors.credentials import InvalidCredentials
from services.auth.joining.enrol import enrol
from services.auth.joining.register import register
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.repository import memberships, tenants, users
from shared.clock import Clock
from shared.contracts.email import Email
from shared.contracts.tenancy import PLATFORM_TENANT_ID
from shared.database import Database
from shared.errors import Unauthenticated
from shared.ids import new_id

_OPERATORS_WORD = Evidence(proven=True, operator=True)
_OF_SOMEBODY_ELSE = (
    "There is an account with this address, and this is not its password. If nobody knows that, choose a new one with "
    "the link for a forgotten password, which is mailed to the address, and come back."
)


@dataclass(frozen=True, slots=True)
class AdmitOperator:
    """Make the owner of an address an owner of the platform tenant, by the word of whoever may run commands here.

    True when the account was made by this, with ``password``. An account that was there, with a proven address, keeps
    its password, and ``password`` has to be that: whoever sent an invitation there has its link, too, and could have
    made the account. Doing it again changes nothing.
    """

    database: Database
    new_passwords: NewPasswords
    hasher: PasswordHasher
    clock: Clock

    async def __call__(self, email: Email, password: str, name: str) -> bool:
        async with self.database.look_up() as across:
            account = await users.find_by_email(across, email)
            operates = account and await memberships.find(across, PLATFORM_TENANT_ID, account.id)
            platform = await tenants.find(across, PLATFORM_TENANT_ID)
        if account and account.is_verified:
            if not operates and not await self.hasher.verify(password, account.password_hash):
                raise InvalidCredentials(_OF_SOMEBODY_ELSE)
            await self._admit(account)
            return False
        await self.new_passwords.check(password, email, name, [platform] if platform else [])
        await self._make(email, await self.hasher.hash(password), name, squatter=account)
        return True

    async def _admit(self, account: User) -> None:
        async with self.database.transaction(PLATFORM_TENANT_ID, person=account.id) as tx:
            person = await users.lock(tx, account.id)
            if person is None:
                raise Unauthenticated
            await enrol(tx, person, _OPERATORS_WORD, at=self.clock())

    async def _make(self, email: Email, password_hash: str, name: str, squatter: User | None) -> None:
        now, replaced = self.clock(), squatter.id if squatter else None
        person = User(new_id(), PLATFORM_TENANT_ID, email, name, password_hash, email_verified_at=now, created_at=now)
        async with self.database.transaction(PLATFORM_TENANT_ID, person=replaced) as tx:
            await register(tx, person, in_place_of=replaced, at=now)
            await enrol(tx, person, _OPERATORS_WORD, at=now)
