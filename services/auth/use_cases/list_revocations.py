"""What a gateway asks that has just started or lost the broker."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.auth.domain.sessions import dead_until
from services.auth.repository import sessions, tenants
from shared.clock import Clock
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Revocations:
    """Sessions that were ended, each with the time after which it may be forgotten, and tenants that are suspended."""

    sessions: list[tuple[UUID, datetime]]
    tenants: list[UUID]


@dataclass(frozen=True, slots=True)
class ListRevocations:
    """Everything by which an access token that has not expired can be dead nevertheless."""

    database: Database
    clock: Clock

    async def __call__(self) -> Revocations:
        now = self.clock()
        reach = dead_until(now) - now
        async with self.database.look_up() as across:
            ended = await sessions.ended_since(across, now - reach)
            suspended = await tenants.suspended(across)
        return Revocations([(session_id, dead_until(at)) for session_id, at in ended], suspended)
