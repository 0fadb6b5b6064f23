"""Shutting a customer out."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.domain.tenants import Tenant
from services.tenants.repository import tenants
from shared.clock import Clock
from shared.contracts.tenants import TenantSuspended
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class SuspendTenant:
    """Close a tenant to everybody in it. Suspending twice is a success, and is told once."""

    database: Database
    clock: Clock

    async def __call__(self, tenant_id: UUID) -> Tenant:
        async with self.database.transaction(tenant_id) as tx:
            tenant = await tenants.lock(tx, tenant_id)
            suspended = tenant.suspend()
            if suspended != tenant:
                await tenants.save(tx, suspended)
                await tell(tx, suspended.told_as(TenantSuspended), clock=self.clock)
        return suspended
