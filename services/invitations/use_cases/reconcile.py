"""Comparing the replicas of tenants and members with their owners, and repairing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.invitations.domain.tenancy import Member, Tenant
from services.invitations.owners import MembersOwner, TenantsOwner
from services.invitations.repository import members, tenants
from services.invitations.use_cases.drop_offers import DropOffers
from services.invitations.use_cases.record_membership import RecordMembership
from services.invitations.use_cases.record_tenant import RecordTenant
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus, Role, TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.database import Database
from shared.messaging.reconciling import PAGE, Difference, Key, Row, State


@dataclass(frozen=True, slots=True)
class TenantReplica:
    """Tenants by id."""

    database: Database
    owner: TenantsOwner
    record_tenant: RecordTenant
    name: str = "invitations.tenants"

    async def begin(self) -> int:
        return await self.owner.watermark()

    async def theirs(self, after: Key | None) -> Sequence[Row]:
        page = await self.owner.page(after[0] if after else None, PAGE)
        return [Row((tenant.id,), _tenant_state(tenant)) for tenant in page]

    async def ours(self, after: Key | None) -> Sequence[Row]:
        async with self.database.look_up() as across:
            page = await tenants.page(across, after[0] if after else None, PAGE)
        return [Row((tenant.id,), _tenant_state(tenant), sequence) for tenant, sequence in page]

    async def repair(self, difference: Difference, sequence: int) -> bool:
        """Invitations hang on a tenant: one that its owner does not know is left for somebody to look at."""
        if difference.owner is None:
            return False
        settings = TenantSettings.model_validate(difference.owner["settings"])
        tenant = Tenant(difference.key[0], difference.owner["name"], TenantStatus(difference.owner["status"]), settings)
        async with self.database.transaction(tenant.id) as tx:
            await self.record_tenant(tx, tenant, sequence=sequence)
        return True


@dataclass(frozen=True, slots=True)
class MemberReplica:
    """Members by tenant and person."""

    database: Database
    owner: MembersOwner
    record_membership: RecordMembership
    drop_offers: DropOffers
    name: str = "invitations.members"

    async def begin(self) -> int:
        return await self.owner.watermark()

    async def theirs(self, after: Key | None) -> Sequence[Row]:
        page = await self.owner.page((after[0], after[1]) if after else None, PAGE)
        return [
            Row((tenant_id, member.user_id), _member_state(member), beside={"invitation_id": invitation_id})
            for tenant_id, member, invitation_id in page
        ]

    async def ours(self, after: Key | None) -> Sequence[Row]:
        async with self.database.look_up() as across:
            page = await members.page(across, (after[0], after[1]) if after else None, PAGE)
        return [
            Row((tenant_id, member.user_id), _member_state(member), sequence) for tenant_id, member, sequence in page
        ]

    async def repair(self, difference: Difference, sequence: int) -> bool:
        """As the lost event would have: the invitation that brought the person in is accepted too, and what they
        offered and may not offer any more is taken back."""
        tenant_id, user_id = difference.key
        async with self.database.transaction(tenant_id) as tx:
            if difference.owner is None:
                await members.forget(tx, user_id, sequence)
            else:
                member = _member(user_id, difference.owner)
                await self.record_membership(tx, (member, sequence))
                if invitation_id := difference.beside["invitation_id"]:
                    await self.record_membership.accept(tx, invitation_id, by=user_id)
            await self.drop_offers(tx, user_id, by=user_id)
        return True


def _tenant_state(tenant: Tenant) -> State:
    return {
        "name": tenant.name,
        "status": tenant.status.value,
        "settings": tenant.settings.model_dump(mode="json"),
    }


def _member_state(member: Member) -> State:
    return {"email": member.email, "name": member.name, "role": member.role, "status": member.status}


def _member(user_id: UUID, state: State) -> Member:
    role, status = Role(state["role"]), MembershipStatus(state["status"])
    return Member(user_id, Email(state["email"]), state["name"], role, status)
