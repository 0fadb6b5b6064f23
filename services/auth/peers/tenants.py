"""What auth asks the tenants service."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from services.auth.domain.accounts import Tenant
from services.auth.domain.domain_claims import DomainClaim
from shared.contracts.tenancy import EnrolmentMode, TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.http.peer import PeerClient

NAME = "tenants"


class _Watermark(BaseModel):
    sequence: int


class _Domain(BaseModel):
    domain: str
    mode: EnrolmentMode
    include_subdomains: bool


class _Tenant(BaseModel):
    tenant_id: UUID
    name: str
    slug: str
    status: TenantStatus
    settings: TenantSettings = TenantSettings()
    domains: list[_Domain]


class _Page(BaseModel):
    items: list[_Tenant]


class TenantsPeer:
    """The tenants service, as auth sees it. Every question may be asked again."""

    def __init__(self, client: PeerClient) -> None:
        self._client = client

    async def watermark(self) -> int:
        """What is read from now on knows of all events with smaller sequences."""
        return (await self._client.post("/internal/watermark", {}, _Watermark)).sequence

    async def page(self, after: UUID | None, limit: int) -> Sequence[tuple[Tenant, list[DomainClaim]]]:
        """Up to ``limit`` tenants by id, behind ``after``, each with its verified domains by name."""
        query = f"limit={limit}" + (f"&after={after}" if after else "")
        found = await self._client.get(f"/internal/tenants?{query}", _Page)
        return [(_tenant(each), _claims(each)) for each in found.items]


def _tenant(told: _Tenant) -> Tenant:
    return Tenant(told.tenant_id, told.name, told.slug, told.status, told.settings)


def _claims(told: _Tenant) -> list[DomainClaim]:
    return [DomainClaim(told.tenant_id, each.domain, each.mode, each.include_subdomains) for each in told.domains]
