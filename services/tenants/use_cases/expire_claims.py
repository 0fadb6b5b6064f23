"""Removing the claims that nobody proved in time."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.repository import domain_claims, tenants
from shared.clock import Clock
from shared.contracts.tenants import DomainRemoved
from shared.database import Database
from shared.messaging.outbox import tell

BATCH = 100


@dataclass(frozen=True, slots=True)
class ExpireClaims:
    """They count for nothing from the second they run out; this only tidies up, and tells of it."""

    database: Database
    clock: Clock

    async def __call__(self) -> None:
        while expired := await self._expired():
            for tenant_id, domain in expired:
                await self._remove(tenant_id, domain)

    async def _expired(self) -> list[tuple[UUID, str]]:
        async with self.database.look_up() as across:
            return await domain_claims.unproven(across, at=self.clock(), limit=BATCH)

    async def _remove(self, tenant_id: UUID, domain: str) -> None:
        async with self.database.transaction(tenant_id) as tx:
            await tenants.lock(tx, tenant_id)
            claim = await domain_claims.find(tx, tenant_id, domain)
            if claim and claim.is_expired(self.clock()):
                await domain_claims.remove(tx, claim)
                await tell(tx, DomainRemoved(tenant_id=tenant_id, domain=domain), clock=self.clock)
