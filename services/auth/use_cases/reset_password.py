"""Setting a new password with the link from a mail."""

from dataclasses import dataclass, replace

from services.auth.domain.one_time_tokens import OneTimeToken, Purpose
from services.auth.domain.sessions import EndReason
from services.auth.domain.throttling import Attempt
from services.auth.errors.credentials import InvalidToken
from services.auth.passwords.choosing import NewPasswords
from services.auth.passwords.hashing import PasswordHasher
from services.auth.postbox import Postbox
from services.auth.repository import known_devices, memberships, one_time_tokens, sessions, tenants, users
from services.auth.sessions.ending import end_sessions
from services.auth.sign_in.throttle import Throttle
from shared.clock import Clock
from shared.contracts.email import Email
from shared.database import Database
from shared.http.client_info import Client
from shared.ids import token_hash


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Set the password, end every session in every tenant, kill every other link, know no device but the one at hand,
    and tell the owner.

    A link works once, however many use it at once; a password that is refused does not use it up.
    """

    database: Database
    new_passwords: NewPasswords
    passwords: PasswordHasher
    throttle: Throttle
    postbox: Postbox
    clock: Clock

    async def __call__(self, token: str, password: str, client: Client) -> None:
        hashed = token_hash(token)
        async with self.database.look_up() as across:
            found = await one_time_tokens.find(across, hashed, Purpose.RESET_PASSWORD)
        if found is None or not found.is_good(self.clock()):
            raise InvalidToken
        await self._check(password, found)
        email = await self._set(found, await self.passwords.hash(password), client)
        # Guesses at the former password say nothing about the new one, and its owner need not wait for them.
        await self.throttle.clear(Attempt.LOG_IN, email)

    async def _check(self, password: str, found: OneTimeToken) -> None:
        async with self.database.transaction(found.tenant_id, person=found.user_id) as tx:
            user, own = await users.find(tx, found.user_id), await tenants.of_person(tx, found.user_id)
        if user is None:
            raise InvalidToken
        await self.new_passwords.check(password, user.email, user.name, own)

    async def _set(self, found: OneTimeToken, password_hash: str, client: Client) -> Email:
        now = self.clock()
        async with self.database.transaction(found.tenant_id, person=found.user_id) as tx:
            user = await users.lock(tx, found.user_id)
            used = await one_time_tokens.consume(tx, found.hash, Purpose.RESET_PASSWORD)
            if user is None or used is None:
                raise InvalidToken
            proven_at = now if user.is_vouched_for else user.email_verified_at
            changed = replace(user, password_hash=password_hash, email_verified_at=proven_at)
            await users.save(tx, changed)
            await one_time_tokens.remove_all(tx, user.id)
            await known_devices.know_only(tx, user, client, now)
            await end_sessions(tx, await sessions.lock_live(tx, user.id, now), EndReason.PASSWORD_RESET, now)
            await self.postbox.password_changed(
                tx,
                changed,
                await tenants.home(tx, changed),
                made_more=await memberships.may_have_made_more(tx, user.id),
            )
        return user.email
