"""Changing what a tenant is called, and what it has settled for itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.tenants.domain.tenants import Tenant
from services.tenants.repository import tenants
from shared.clock import Clock
from shared.contracts.tenants import TenantUpdated
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class ChangeTenant:
    """Give the tenant a new name, unless it is ``None``, and those of ``settings`` that are named.

    It is told where something changes, and takes effect everywhere once that is heard.
    """

    database: Database
    clock: Clock

    async def __call__(self, tenant_id: UUID, name: str | None, settings: Mapping[str, Any]) -> Tenant:
        async with self.database.transaction(tenant_id) as tx:
            tenant = await tenants.lock(tx, tenant_id)
            changed = tenant.changed(name, settings)
            if changed != tenant:
                await tenants.save(tx, changed)
                await tell(tx, changed.told_as(TenantUpdated), clock=self.clock)
        return changed
