"""Choosing another password while signed in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.sessions import EndReason
from services.auth.errors.credentials import WrongPassword
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.postbox import Postbox
from services.auth.repository import known_devices, memberships, one_time_tokens, sessions, tenants, users
from services.auth.sessions.ending import end_sessions
from services.auth.sessions.own import hold_own_session, session_of
from services.auth.sign_in.gate import SignInGate
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database
from shared.errors import Unauthenticated
from shared.http.client_info import Client


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Set the password, end every other session in every tenant, kill every link, know no other device, and tell the
    owner.

    The current password is asked for again, and guesses at it count as those at sign-in do: a session that somebody
    else got hold of is not worth more tries than none, and strangers who guess keep nobody from changing it.

    A sign-in may renew the hash of the same password meanwhile. The password is then looked at once more.
    """

    database: Database
    new_passwords: NewPasswords
    passwords: PasswordHasher
    gate: SignInGate
    postbox: Postbox
    clock: Clock

    async def __call__(self, caller: Caller, current: str, password: str, client: Client) -> None:
        session_of(caller)
        user, own = await self._who(caller)
        await self.new_passwords.check(password, user.email, user.name, own)
        async with self.gate.trying(user.email, client):
            await self._verify(user, current)
        password_hash = await self.passwords.hash(password)
        if not await self._set(caller, user, password_hash, client):
            user, _ = await self._who(caller)
            await self._verify(user, current)
            if not await self._set(caller, user, password_hash, client):
                raise WrongPassword

    async def _who(self, caller: Caller) -> tuple[User, Sequence[Tenant]]:
        """The caller, and where they belong."""
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            user, own = await users.find(tx, caller.subject), await tenants.of_person(tx, caller.subject)
        if user is None:
            raise Unauthenticated
        return user, own

    async def _verify(self, user: User, current: str) -> None:
        if not await self.passwords.verify(current, user.password_hash):
            raise WrongPassword

    async def _set(self, caller: Caller, verified: User, password_hash: str, client: Client) -> bool:
        """False, and nothing done, when they have another hash by now than the one that was ``verified``."""
        now = self.clock()
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            user = await users.lock(tx, caller.subject)
            if user is None or user.password_hash != verified.password_hash:
                return False
            own = await hold_own_session(tx, caller, now)
            changed = replace(user, password_hash=password_hash)
            await users.save(tx, changed)
            await one_time_tokens.remove_all(tx, user.id)
            await known_devices.know_only(tx, user, client, now)
            live = await sessions.lock_live(tx, user.id, now)
            await end_sessions(tx, (each for each in live if each.id != own.id), EndReason.PASSWORD_CHANGED, now)
            home, made_more = await tenants.home(tx, changed), await memberships.may_have_made_more(tx, user.id)
            await self.postbox.password_changed(tx, changed, home, made_more=made_more, here_goes_on=True)
        return True
