"""Letting a customer back in."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.domain.tenants import Tenant
from services.tenants.repository import tenants
from shared.clock import Clock
from shared.contracts.tenants import TenantResumed
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class ResumeTenant:
    """Open a suspended tenant again. Resuming twice is a success, and is told once."""

    database: Database
    clock: Clock

    async def __call__(self, tenant_id: UUID) -> Tenant:
        async with self.database.transaction(tenant_id) as tx:
            tenant = await tenants.lock(tx, tenant_id)
            resumed = tenant.resume()
            if resumed != tenant:
                await tenants.save(tx, resumed)
                await tell(tx, resumed.told_as(TenantResumed), clock=self.clock)
        return resumed
