"""Looking at one's own domains."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.domain.claims import DomainClaim
from services.tenants.repository import domain_claims
from shared.clock import Clock
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ListDomains:
    """The tenant's claims by domain. What nobody proved in time is none any more, tidied up or not."""

    database: Database
    clock: Clock

    async def __call__(self, tenant_id: UUID, *, after: str, limit: int) -> list[DomainClaim]:
        async with self.database.transaction(tenant_id) as tx:
            return await domain_claims.page(tx, tenant_id, after=after, limit=limit, at=self.clock())
