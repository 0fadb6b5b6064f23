"""Changing what a domain does for the people who have mailboxes there."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.domain.claims import DomainClaim
from services.tenants.repository import domain_claims, tenants
from shared.clock import Clock
from shared.contracts.tenancy import EnrolmentMode
from shared.contracts.tenants import DomainUpdated
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class ChangeDomain:
    """Change the mode, or whether subdomains count; ``None`` leaves things as they are. Nobody who is in is touched.

    It is told of claims that count, and where something changes.
    """

    database: Database
    clock: Clock

    async def __call__(
        self, tenant_id: UUID, domain: str, mode: EnrolmentMode | None, include_subdomains: bool | None
    ) -> DomainClaim:
        async with self.database.transaction(tenant_id) as tx:
            await tenants.lock(tx, tenant_id)
            claim = await domain_claims.read(tx, tenant_id, domain, at=self.clock())
            changed = claim.changed(mode, include_subdomains)
            if changed != claim:
                await domain_claims.save(tx, changed)
                if changed.is_verified:
                    await tell(tx, changed.told_as(DomainUpdated), clock=self.clock)
        return changed
