"""Where somebody is signed in."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.sessions import SessionLife
from services.auth.repository import sessions
from services.auth.repository.sessions import Live, OwnSession
from services.auth.sessions.own import session_of
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Up to ``limit`` live sessions of the caller, in all their tenants, newest first, behind the session ``after``."""

    database: Database
    life: SessionLife
    clock: Clock

    async def __call__(self, caller: Caller, *, after: UUID | None, limit: int) -> list[OwnSession]:
        session_of(caller)
        now = self.clock()
        live = Live(now, signed_in_since=now - self.life.absolute, used_since=now - self.life.idle)
        async with self.database.transaction(caller.tenant_id, person=caller.subject) as tx:
            return await sessions.page(tx, caller.subject, live, after=after, limit=limit)
