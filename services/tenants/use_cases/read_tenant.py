"""Looking at one's own tenant."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.domain.tenants import Tenant
from services.tenants.repository import tenants
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ReadTenant:
    """The tenant, to somebody who is in it."""

    database: Database

    async def __call__(self, tenant_id: UUID) -> Tenant:
        async with self.database.transaction(tenant_id) as tx:
            return await tenants.read(tx, tenant_id)
