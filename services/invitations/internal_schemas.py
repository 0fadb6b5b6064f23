"""What auth sends and gets."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from services.invitations.domain.invitation import InvitationStatus
from services.invitations.use_cases.preview_invitation import Preview
from services.invitations.use_cases.reserve_invitation import Reservation
from shared.contracts.email import EmailField
from shared.contracts.tenancy import Role
from shared.http.models import Answer, Body, Timestamp

Token = Annotated[str, Field(min_length=1, max_length=200)]


class TokenBody(Body):
    """The secret of a link."""

    token: Token


class AddressBody(Body):
    """An address whose owner has just proven it, and which invitations to it are not wanted."""

    email: EmailField
    besides: list[UUID] = Field(default=[], max_length=100)


class ReservationBody(TokenBody):
    """The secret of a link, and the address that signs up with it."""

    email: EmailField


class ReservationAnswer(Answer):
    """Whom to let in where, as what. ``accepted``: the membership that it led to says what that means."""

    invitation_id: UUID
    tenant_id: UUID
    tenant_name: str
    role: Role
    email: str
    state: Literal["reserved", "accepted"]
    reserved_until: Timestamp | None
    invited_by: UUID | None
    operator: UUID | None

    @classmethod
    def of(cls, reservation: Reservation) -> Self:
        """All of it comes from the row."""
        invitation = reservation.invitation
        accepted = invitation.status is InvitationStatus.ACCEPTED
        return cls(
            invitation_id=invitation.id,
            tenant_id=invitation.tenant_id,
            tenant_name=reservation.tenant.shown_as,
            role=invitation.offer.role,
            email=invitation.email,
            state="accepted" if accepted else "reserved",
            reserved_until=invitation.reserved_until,
            invited_by=invitation.invited_by,
            operator=invitation.offer.operator,
        )


class FoundReservationAnswer(Answer):
    """The reservation, if there was an invitation."""

    reservation: ReservationAnswer | None

    @classmethod
    def of(cls, reservation: Reservation | None) -> Self:
        """Either way."""
        return cls(reservation=ReservationAnswer.of(reservation) if reservation else None)


class PreviewAnswer(Answer):
    """An invitation as it stands now."""

    invitation_id: UUID
    tenant_id: UUID
    tenant_name: str
    email: str
    role: Role
    state: InvitationStatus
    accepted_by: UUID | None
    invited_by: UUID | None
    operator: UUID | None

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """What auth may see of it."""
        invitation = preview.invitation
        return cls(
            invitation_id=invitation.id,
            tenant_id=invitation.tenant_id,
            tenant_name=preview.tenant.shown_as,
            email=invitation.email,
            role=invitation.offer.role,
            state=invitation.status,
            accepted_by=invitation.accepted_by,
            invited_by=invitation.invited_by,
            operator=invitation.offer.operator,
        )
