"""Whether an offer still stands that somebody has made."""

from typing import TypeGuard
from uuid import UUID

from services.auth.domain.accounts import Membership
from services.auth.domain.invitations import Invitation
from services.auth.repository import memberships
from shared.contracts.permissions import Permission, permissions_of
from shared.contracts.tenancy import PLATFORM_TENANT_ID, MembershipStatus, Role
from shared.database import Transaction


async def stands(tx: Transaction, invitation: Invitation) -> bool:
    """Whether whoever has made it could make it now.

    Invitations takes back what they could not, but hears of it a moment later, or much later in an outage; they have
    the link. Anybody who ever invited may have invited members. ``tx`` is one of the tenant, or looks across.
    """
    if invitation.role is Role.MEMBER:
        return True
    if invitation.operator:
        operator = await _operator(tx, invitation.operator)
        return _is_active(operator) and Permission.PLATFORM_OPERATE in permissions_of(operator.role, PLATFORM_TENANT_ID)
    if invitation.invited_by:
        inviter = await memberships.find(tx, invitation.tenant_id, invitation.invited_by)
        return _is_active(inviter) and inviter.role.may_grant(invitation.role)
    return True  # by a release that kept no operators


async def _operator(tx: Transaction, operator: UUID) -> Membership | None:
    if tx.tenant_id is None:
        return await memberships.find(tx, PLATFORM_TENANT_ID, operator)
    async with tx.acting_in(PLATFORM_TENANT_ID):
        return await memberships.find(tx, PLATFORM_TENANT_ID, operator)


def _is_active(member: Membership | None) -> TypeGuard[Membership]:
    return member is not None and member.status is MembershipStatus.ACTIVE
