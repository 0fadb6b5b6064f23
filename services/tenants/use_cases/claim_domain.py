"""Saying that an e-mail domain is one's own."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.domain.claims import DomainClaim
from services.tenants.errors import DomainAlreadyVerified, DomainTaken, TooManyDomains
from services.tenants.repository import domain_claims, tenants
from shared.clock import Clock
from shared.contracts.tenancy import EnrolmentMode
from shared.contracts.tenants import DomainClaimed
from shared.database import Database, Transaction
from shared.messaging.outbox import tell

MOST_DOMAINS = 200
"""Per tenant."""


@dataclass(frozen=True, slots=True)
class ClaimDomain:
    """Claim a domain, which counts for nothing until it is verified, and blocks nobody meanwhile.

    To claim again what is not proven, or lapsed, begins anew.
    """

    database: Database
    clock: Clock

    async def __call__(
        self, tenant_id: UUID, domain: str, mode: EnrolmentMode, *, include_subdomains: bool
    ) -> DomainClaim:
        now = self.clock()
        claim = DomainClaim.made(tenant_id, domain, mode, include_subdomains=include_subdomains, at=now)
        async with self.database.look_up() as across:
            if await domain_claims.is_anothers(across, domain, tenant_id):
                raise DomainTaken
        async with self.database.transaction(tenant_id) as tx:
            # Events of a tenant's domains keep their order, because whoever tells of one holds the tenant.
            await tenants.lock(tx, tenant_id)
            await self._put_in(tx, claim)
            await tell(tx, claim.told_as(DomainClaimed), clock=self.clock)
        return claim

    async def _put_in(self, tx: Transaction, claim: DomainClaim) -> None:
        existing = await domain_claims.find(tx, claim.tenant_id, claim.domain)
        if existing and existing.is_verified:
            raise DomainAlreadyVerified
        if existing:
            await domain_claims.save(tx, claim)
        elif await domain_claims.count(tx, claim.tenant_id, at=claim.created_at) >= MOST_DOMAINS:
            raise TooManyDomains
        else:
            await domain_claims.add(tx, [claim])
