"""What a gateway asks that has just started or lost the broker."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.auth.domain.sessions import dead_until
from services.auth.repository import memberships, sessions, tenants
from shared.clock import Clock
from shared.contracts.tenancy import Role
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Revocations:
    """Sessions that were ended and roles that were changed, each with the time after which that may be forgotten, and
    tenants that are suspended."""

    sessions: list[tuple[UUID, datetime]]
    roles: list[tuple[UUID, UUID, Role, datetime]]
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
            changed = await memberships.roles_changed_since(across, now - reach)
            suspended = await tenants.suspended(across)
        return Revocations(
            [(session_id, dead_until(at)) for session_id, at in ended],
            [(tenant_id, user_id, role, dead_until(at)) for tenant_id, user_id, role, at in changed],
            suspended,
        )
