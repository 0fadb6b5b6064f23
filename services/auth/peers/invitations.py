"""What auth asks the invitations service."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from services.auth.domain.invitations import Invitation, InvitationState, InvitationView
from services.auth.errors.admission import TenantSuspended
from services.auth.errors.joining import (
    InvitationEmailMismatch,
    InvitationExpired,
    InvitationNotFound,
    InvitationRevoked,
    InvitationUsed,
)
from shared.contracts.email import Email
from shared.contracts.tenancy import Role
from shared.http.peer import PeerClient

NAME = "invitations"
PROBLEMS = (
    InvitationEmailMismatch,
    InvitationExpired,
    InvitationNotFound,
    InvitationRevoked,
    InvitationUsed,
    TenantSuspended,
)
"""What its answers may mean to our callers."""


class _ReservationState(StrEnum):
    RESERVED = "reserved"
    ACCEPTED = "accepted"


class _Reservation(BaseModel):
    invitation_id: UUID
    tenant_id: UUID
    role: Role
    email: str
    state: _ReservationState
    reserved_until: datetime | None = None
    invited_by: UUID | None = None
    operator: UUID | None = None


class _ReservationOrNone(BaseModel):
    reservation: _Reservation | None


class _Preview(BaseModel):
    invitation_id: UUID
    tenant_id: UUID
    tenant_name: str
    email: str
    role: Role
    state: InvitationState
    accepted_by: UUID | None
    invited_by: UUID | None = None
    operator: UUID | None = None


class InvitationsPeer:
    """The invitations service, as auth sees it. Every question may be asked again."""

    def __init__(self, client: PeerClient) -> None:
        self._client = client

    async def reserve(self, token: str, email: Email) -> Invitation:
        """Keep the invitation behind ``token`` for ``email``, for a minute.

        Raises one of ``PROBLEMS``. An invitation that was accepted before is not refused; it comes back ``used``.
        """
        body = {"token": token, "email": email}
        return _invitation(await self._client.post("/internal/reservations", body, _Reservation), email)

    async def reserve_for(self, email: Email, *, besides: Sequence[UUID] = ()) -> Invitation | None:
        """Keep the newest invitation ``besides`` some that waits for ``email``, whose owner has just proven it."""
        # The former release knows of no others.
        others = {"besides": [str(each) for each in besides]} if besides else {}
        answer = await self._client.post(
            "/internal/reservations/by-address", {"email": email, **others}, _ReservationOrNone
        )
        return _invitation(answer.reservation, email) if answer.reservation else None

    async def preview(self, token: str) -> InvitationView:
        """What the holder of ``token`` may know; ``InvitationNotFound`` if there is nothing behind it."""
        seen = await self._client.post("/internal/invitations/preview", {"token": token}, _Preview)
        return InvitationView(
            id=seen.invitation_id,
            tenant_id=seen.tenant_id,
            tenant_name=seen.tenant_name,
            email=Email(seen.email),
            role=seen.role,
            state=seen.state,
            accepted_by=seen.accepted_by,
            invited_by=seen.invited_by,
            operator=seen.operator,
        )


def _invitation(answer: _Reservation, email: Email) -> Invitation:
    # Its keeper has compared the addresses; who joins a tenant is worth a second look.
    if answer.email != email:
        raise InvitationEmailMismatch
    used = answer.state is _ReservationState.ACCEPTED
    return Invitation(
        id=answer.invitation_id,
        tenant_id=answer.tenant_id,
        role=answer.role,
        used=used,
        kept_until=answer.reserved_until,
        invited_by=answer.invited_by,
        operator=answer.operator,
    )
