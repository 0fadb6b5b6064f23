"""Between rows of the table ``invitations`` and the domain."""

from typing import Any

from asyncpg import Record

from services.invitations.domain.delivery import Delivery, DeliveryStatus
from services.invitations.domain.invitation import Invitation, InvitationStatus
from services.invitations.domain.offer import Offer
from shared.contracts.email import Email
from shared.contracts.tenancy import Role

# By name: a statement that asks for every column fails on connections older than a column that is added later.
SELECT = """
    SELECT id, tenant_id, email, role, message, valid_days, token_hash, status, invited_by, created_at, expires_at,
           reserved_until, ended_at, accepted_by, revoked_by, mail_id, delivery_status, delivery_at, delivery_error,
           operator
      FROM invitations
"""


def invitation_of(row: Record) -> Invitation:
    """The invitation that a row of ``SELECT`` holds."""
    return Invitation(
        id=row["id"],
        tenant_id=row["tenant_id"],
        email=Email(row["email"]),
        offer=Offer(Role(row["role"]), row["message"], row["valid_days"], row["operator"]),
        token_hash=row["token_hash"],
        status=InvitationStatus(row["status"]),
        invited_by=row["invited_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        reserved_until=row["reserved_until"],
        ended_at=row["ended_at"],
        accepted_by=row["accepted_by"],
        revoked_by=row["revoked_by"],
        mail_id=row["mail_id"],
        delivery=Delivery(DeliveryStatus(row["delivery_status"]), row["delivery_at"], row["delivery_error"]),
    )


def values_of(invitation: Invitation) -> tuple[Any, ...]:
    """The values of a row, in the order in which the statements of ``invitations`` number them."""
    return (
        invitation.tenant_id,
        invitation.id,
        invitation.email,
        invitation.offer.role,
        invitation.offer.message,
        invitation.offer.valid_days,
        invitation.token_hash,
        invitation.status,
        invitation.invited_by,
        invitation.created_at,
        invitation.expires_at,
        invitation.reserved_until,
        invitation.ended_at,
        invitation.accepted_by,
        invitation.revoked_by,
        invitation.mail_id,
        invitation.delivery.status,
        invitation.delivery.at,
        invitation.delivery.error,
        invitation.offer.operator,
    )
