"""Signing out."""

from dataclasses import dataclass

from services.auth.domain.sessions import EndReason
from services.auth.repository import sessions
from services.auth.sessions.ending import end_sessions
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database
from shared.errors import Forbidden


@dataclass(frozen=True, slots=True)
class LogOut:
    """End the caller's session on this device; all its tokens are dead. Again is a success."""

    database: Database
    clock: Clock

    async def __call__(self, caller: Caller) -> None:
        if caller.session_id is None:
            raise Forbidden("An API key has no session to sign out of.")
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            session = await sessions.lock(tx, caller.tenant_id, caller.subject, caller.session_id)
            if session is not None:
                await end_sessions(tx, [session], EndReason.SIGNED_OUT, self.clock())
