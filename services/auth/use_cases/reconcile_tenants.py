"""Comparing the replica of tenants and domains with the tenants service, and repairing it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.accounts import Tenant
from services.auth.domain.domain_claims import DomainClaim
from services.auth.peers.tenants import TenantsPeer
from services.auth.repository import domains, tenants
from shared.contracts.tenancy import EnrolmentMode, TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.database import Database
from shared.messaging.reconciling import PAGE, Difference, Key, Row, State


@dataclass(frozen=True, slots=True)
class TenantReplica:
    """Tenants by id, each with its verified domains."""

    database: Database
    owner: TenantsPeer
    name: str = "auth.tenants"

    async def begin(self) -> int:
        return await self.owner.watermark()

    async def theirs(self, after: Key | None) -> Sequence[Row]:
        page = await self.owner.page(after[0] if after else None, PAGE)
        return [Row((tenant.id,), _state(tenant, claims)) for tenant, claims in page]

    async def ours(self, after: Key | None) -> Sequence[Row]:
        async with self.database.look_up() as across:
            page = await tenants.page(across, after[0] if after else None, PAGE)
            claims, newest = await domains.of_tenants(across, [tenant.id for tenant, _ in page])
        return [
            Row((tenant.id,), _state(tenant, claims.get(tenant.id, ())), max(sequence, newest.get(tenant.id, 0)))
            for tenant, sequence in page
        ]

    async def repair(self, difference: Difference, sequence: int) -> bool:
        """People hang on a tenant: one that its owner does not know is left for somebody to look at."""
        if difference.owner is None:
            return False
        tenant_id = difference.key[0]
        tenant, claims = _read(tenant_id, difference.owner)
        async with self.database.transaction(tenant_id) as tx:
            await tenants.replicate(tx, tenant, sequence)
            for claim in claims:
                await domains.replicate(tx, claim, sequence)
            await domains.retire_others(tx, tenant_id, [claim.domain for claim in claims], sequence)
        return True


def _state(tenant: Tenant, claims: Iterable[DomainClaim]) -> State:
    told = {claim.domain: [claim.mode.value, claim.include_subdomains] for claim in claims}
    return {
        "name": tenant.name,
        "slug": tenant.slug,
        "status": tenant.status.value,
        "settings": tenant.settings.model_dump(mode="json"),
        "domains": told,
    }


def _read(tenant_id: UUID, state: State) -> tuple[Tenant, list[DomainClaim]]:
    claims = [
        DomainClaim(tenant_id, domain, EnrolmentMode(mode), include_subdomains)
        for domain, (mode, include_subdomains) in state["domains"].items()
    ]
    settings = TenantSettings.model_validate(state["settings"])
    return Tenant(tenant_id, state["name"], state["slug"], TenantStatus(state["status"]), settings), claims
