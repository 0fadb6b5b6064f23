"""What the other services are told about an invitation."""

from typing import TypedDict
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from shared.contracts.invitations import (
    InvitationAccepted,
    InvitationBounced,
    InvitationCreated,
    InvitationExpired,
    InvitationRevoked,
    InvitationSent,
    RevocationReason,
)


def created(it: Invitation) -> InvitationCreated:
    """Somebody is asked to join, for the first time or again under a new link."""
    return InvitationCreated(**_which(it), role=it.offer.role, invited_by=it.invited_by)


def sent(it: Invitation) -> InvitationSent:
    """The mail server took the mail."""
    return InvitationSent(**_which(it))


def bounced(it: Invitation, reason: str) -> InvitationBounced:
    """The mail will not arrive: refused for good, or given up after the last attempt."""
    return InvitationBounced(**_which(it), reason=reason)


def revoked(it: Invitation, by: UUID, reason: RevocationReason) -> InvitationRevoked:
    """It is no more by somebody's hand."""
    return InvitationRevoked(**_which(it), revoked_by=by, reason=reason)


def accepted(it: Invitation, by: UUID) -> InvitationAccepted:
    """The person is in."""
    return InvitationAccepted(**_which(it), user_id=by)


def expired(it: Invitation) -> InvitationExpired:
    """Nobody came in time."""
    return InvitationExpired(**_which(it))


class _Which(TypedDict):
    invitation_id: UUID
    tenant_id: UUID
    email: str


def _which(it: Invitation) -> _Which:
    return {"invitation_id": it.id, "tenant_id": it.tenant_id, "email": it.email}
