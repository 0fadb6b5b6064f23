"""Signing out another device."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.sessions import EndReason
from services.auth.errors.sessions import SessionNotFound
from services.auth.repository import sessions
from services.auth.sessions.ending import end_sessions
from services.auth.sessions.own import session_of
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class EndSession:
    """End one of the caller's own sessions, in whichever of their tenants. Again is a success.

    A session of somebody else is not there: ``SessionNotFound``.
    """

    database: Database
    clock: Clock

    async def __call__(self, caller: Caller, session_id: UUID) -> None:
        session_of(caller)
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            session = await sessions.lock_own(tx, caller.subject, session_id)
            if session is None:
                raise SessionNotFound
            await end_sessions(tx, [session], EndReason.SIGNED_OUT, self.clock())
