"""Signing out all devices."""

from dataclasses import dataclass

from services.auth.domain.one_time_tokens import Purpose
from services.auth.domain.sessions import EndReason
from services.auth.repository import one_time_tokens, sessions, users
from services.auth.sessions.ending import end_sessions
from services.auth.sessions.own import session_of
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class SignOutEverywhere:
    """End all of the caller's sessions in all their tenants, or all but this one. Again is a success.

    A link to sign in that was mailed before is dead, too. The person is held, as by whoever signs in or goes on in
    another tenant: so no session begins at this moment that this does not see.
    """

    database: Database
    clock: Clock

    async def __call__(self, caller: Caller, *, keep_current: bool) -> None:
        own, now = session_of(caller), self.clock()
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            await users.lock(tx, caller.subject)
            await one_time_tokens.remove(tx, caller.subject, Purpose.SIGN_IN)
            live = await sessions.lock_live(tx, caller.subject, now)
            ended = (session for session in live if not (keep_current and session.id == own))
            await end_sessions(tx, ended, EndReason.SIGNED_OUT, now)
