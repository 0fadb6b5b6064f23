"""Mark what has run out."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations import facts
from services.invitations.repository import invitations, look_up
from shared.clock import Clock
from shared.database import Database
from shared.messaging.outbox import tell

BATCH = 500


@dataclass(frozen=True, slots=True)
class ExpireInvitations:
    """Mark every invitation whose time is over, and tell of it; the number marked.

    Nothing depends on it: an invitation is judged by its ``expires_at``, marked or not. Any number may run at once.
    """

    database: Database
    clock: Clock

    async def __call__(self) -> int:
        async with self.database.look_up() as rows:
            overdue = await look_up.tenants_with_overdue(rows, self.clock())
        return sum([await self._all_of(tenant_id) for tenant_id in overdue])

    async def _all_of(self, tenant_id: UUID) -> int:
        marked = 0
        while count := await self._batch_of(tenant_id):
            marked += count
        return marked

    async def _batch_of(self, tenant_id: UUID) -> int:
        now = self.clock()
        async with self.database.transaction(tenant_id) as tx:
            overdue = await invitations.lock_overdue(tx, now, BATCH)
            expired = [invitation.expire(at=now) for invitation in overdue]
            await invitations.save(tx, *expired)
            await tell(tx, *(facts.expired(invitation) for invitation in expired), clock=self.clock)
        return len(expired)
