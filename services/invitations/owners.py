"""What invitations asks those who own what it keeps a replica of."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from services.invitations.domain.tenancy import Member, Tenant
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus, Role, TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.http.peer import PeerClient

TENANTS = "tenants"
AUTH = "auth"


class _Watermark(BaseModel):
    sequence: int


class _Tenant(BaseModel):
    tenant_id: UUID
    name: str
    status: TenantStatus
    settings: TenantSettings = TenantSettings()


class _Tenants(BaseModel):
    items: list[_Tenant]


class _Member(BaseModel):
    tenant_id: UUID
    user_id: UUID
    email: str
    name: str
    role: Role
    status: MembershipStatus
    invitation_id: UUID | None


class _Members(BaseModel):
    items: list[_Member]


class Owner:
    """A fellow service. Every question may be asked again."""

    def __init__(self, client: PeerClient) -> None:
        self.client = client

    async def watermark(self) -> int:
        """What is read from now on knows of all events with smaller sequences."""
        return (await self.client.post("/internal/watermark", {}, _Watermark)).sequence


class TenantsOwner(Owner):
    """The tenants service."""

    async def page(self, after: UUID | None, limit: int) -> Sequence[Tenant]:
        """Up to ``limit`` tenants by id, behind ``after``."""
        query = f"limit={limit}" + (f"&after={after}" if after else "")
        found = await self.client.get(f"/internal/tenants?{query}", _Tenants)
        return [Tenant(each.tenant_id, each.name, each.status, each.settings) for each in found.items]


class MembersOwner(Owner):
    """Auth."""

    async def page(self, after: tuple[UUID, UUID] | None, limit: int) -> Sequence[tuple[UUID, Member, UUID | None]]:
        """Up to ``limit`` members by tenant and person, behind ``after``: tenant, member, and the invitation that the
        membership consumed last."""
        query = f"limit={limit}" + (f"&after_tenant={after[0]}&after_user={after[1]}" if after else "")
        found = await self.client.get(f"/internal/members?{query}", _Members)
        return [
            (
                each.tenant_id,
                Member(each.user_id, Email(each.email), each.name, each.role, each.status),
                each.invitation_id,
            )
            for each in found.items
        ]
