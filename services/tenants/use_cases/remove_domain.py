"""Giving a domain up."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.repository import domain_claims, tenants
from shared.clock import Clock
from shared.contracts.tenants import DomainRemoved
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class RemoveDomain:
    """Take a claim back, proven or not: the domain lets nobody in any more. Who is in, stays."""

    database: Database
    clock: Clock

    async def __call__(self, tenant_id: UUID, domain: str) -> None:
        async with self.database.transaction(tenant_id) as tx:
            await tenants.lock(tx, tenant_id)
            claim = await domain_claims.read(tx, tenant_id, domain, at=self.clock())
            await domain_claims.remove(tx, claim)
            await tell(tx, DomainRemoved(tenant_id=tenant_id, domain=domain), clock=self.clock)
