"""Signing up with a work address."""

from dataclasses import dataclass, replace

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.domain_claims import DomainClaim
from services.auth.domain.enrolment import Evidence
from services.auth.domain.one_time_tokens import Credentials
from services.auth.domain.throttling import Attempt
from services.auth.errors.admission import TenantSuspended
from services.auth.errors.joining import TenantUndetermined
from services.auth.joining.claims import claim_on
from services.auth.joining.enrol import enrol
from services.auth.joining.verification import Verification
from services.auth.metrics import counted_sign_up
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.postbox import Postbox
from services.auth.repository import tenants, users
from services.auth.sign_in.even_time import ANSWER_SECONDS, at_least
from services.auth.sign_in.throttle import Throttle
from shared.clock import Clock
from shared.contracts.auth import UserRegistered
from shared.contracts.email import Email
from shared.database import Database
from shared.ids import new_id
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class SignUpByDomain:
    """Make a provisional account in the tenant of the e-mail domain, and mail a link that proves the address.

    Says and costs the same whether or not the address has an account. A proven one is not touched; its owner gets a
    mail that says so. An unproven one may be signed up for again: each sign-up's link installs its own password, and
    only while all have the same one is it known at sign-in. To compare them takes one hash more, well within the time
    of the answer.
    One mailbox gets a few mails in a row and then fewer; a sign-up beyond that does nothing.
    """

    database: Database
    new_passwords: NewPasswords
    hasher: PasswordHasher
    throttle: Throttle
    verification: Verification
    postbox: Postbox
    clock: Clock

    async def __call__(self, email: Email, password: str, name: str) -> None:
        with counted_sign_up("domain"):
            found = await claim_on(self.database, email)
            if found is None:
                raise TenantUndetermined
            claim, tenant = found
            if tenant.is_suspended:
                raise TenantSuspended
            await self.new_passwords.check(password, email, name, [tenant])
            async with at_least(ANSWER_SECONDS):
                credentials = Credentials(await self.hasher.hash(password), name)
                if await self.throttle.allows(Attempt.SIGN_UP, email):
                    account = await self._account_before(email, credentials, claim)
                    if account and account.is_verified:
                        await self._tell_owner(account)
                    elif account:
                        same = await self.hasher.verify(password, account.password_hash)
                        await self._try_again(account, credentials, tenant, keeps_password=same)

    async def _account_before(self, email: Email, credentials: Credentials, claim: DomainClaim) -> User | None:
        """The account that there was; none when it is made now."""
        account = await self._account(email)
        if account is None and not await self._register(email, credentials, claim):
            account = await self._account(email)  # another sign-up was faster
        return account

    async def _account(self, email: Email) -> User | None:
        async with self.database.look_up() as tx:
            return await users.find_by_email(tx, email)

    async def _register(self, email: Email, credentials: Credentials, claim: DomainClaim) -> bool:
        """Make the account; false when there is one by now."""
        now = self.clock()
        person = User(
            id=new_id(),
            tenant_id=claim.tenant_id,
            email=email,
            name=credentials.name,
            password_hash=credentials.password_hash,
            email_verified_at=None,
            created_at=now,
        )
        async with self.database.transaction(claim.tenant_id) as tx:
            if not await users.add(tx, person):
                return False
            _, tenant, _ = await enrol(tx, person, Evidence(proven=False, claim=claim), at=now)
            await self.verification.ask(tx, person, tenant, credentials)
            await tell(tx, UserRegistered(user_id=person.id, email=email, name=person.name, email_verified=False))
            return True

    async def _try_again(
        self, account: User, credentials: Credentials, tenant: Tenant, *, keeps_password: bool
    ) -> None:
        async with self.database.transaction(account.tenant_id) as tx:
            person = await users.lock(tx, account.id)
            if person and not person.is_verified:
                # Whose the address is will show; until then none of several passwords is the account's.
                if not keeps_password or person.password_hash != account.password_hash:
                    person = replace(person, password_hash=None)
                    await users.save(tx, person)
                await self.verification.ask(tx, person, tenant, credentials)

    async def _tell_owner(self, account: User) -> None:
        async with self.database.transaction(account.tenant_id) as tx:
            await self.postbox.account_exists(tx, account, await tenants.home(tx, account))
