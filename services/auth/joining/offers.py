"""Whether an offer still stands that somebody has made."""

from services.auth.domain.invitations import Invitation
from services.auth.repository import memberships
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Transaction


async def stands(tx: Transaction, invitation: Invitation) -> bool:
    """Whether whoever has made it could make it now.

    Invitations takes back what they could not, but hears of it a moment later, or much later in an outage; they have
    the link. Anybody who ever invited may have invited members. ``tx`` is one of the tenant, or looks across.
    """
    if invitation.role is Role.MEMBER or invitation.invited_by is None:
        return True
    inviter = await memberships.find(tx, invitation.tenant_id, invitation.invited_by)
    return inviter is not None and inviter.status is MembershipStatus.ACTIVE and inviter.role.may_grant(invitation.role)
