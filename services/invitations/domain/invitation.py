"""The invitation: from the moment somebody is asked to join until they are in, or the offer is off."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self, assert_never
from uuid import UUID

from services.invitations.domain.delivery import Delivery, DeliveryStatus
from services.invitations.domain.offer import Issue, Offer
from services.invitations.errors import (
    InvitationEmailMismatch,
    InvitationExpired,
    InvitationNotPending,
    InvitationReserved,
    InvitationRevoked,
)
from shared.contracts.email import Email

RESERVATION = timedelta(seconds=60)


class InvitationStatus(StrEnum):
    """``pending`` is the only one whose link lets anybody in."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer to one e-mail address.

    While ``pending`` it may be reserved: from the moment a sign-up shows the link until the membership is a fact, or
    for a minute if it never becomes one. ``mail_id`` is the newest mail, the one that ``delivery`` speaks of.
    """

    id: UUID
    tenant_id: UUID
    email: Email
    offer: Offer
    token_hash: bytes
    status: InvitationStatus
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime
    delivery: Delivery
    mail_id: UUID | None = None
    reserved_until: datetime | None = None
    ended_at: datetime | None = None
    accepted_by: UUID | None = None
    revoked_by: UUID | None = None

    def seen_at(self, at: datetime) -> Self:
        """The invitation as it stands at ``at``: expired from ``expires_at`` on, marked so or not."""
        late = self.status is InvitationStatus.PENDING and at >= self.expires_at
        return replace(self, status=InvitationStatus.EXPIRED) if late else self

    def is_pending(self, at: datetime) -> bool:
        """Whether it still waits for the person."""
        return self.seen_at(at).status is InvitationStatus.PENDING

    def is_reserved(self, at: datetime) -> bool:
        """Whether a sign-up with it is under way."""
        return self.reserved_until is not None and at < self.reserved_until

    def renew(self, issue: Issue) -> Self:
        """The same invitation under a new link: the old one is dead, the expiry starts anew."""
        self._require_open(issue.at)
        return replace(
            self,
            offer=issue.offer,
            invited_by=issue.by,
            token_hash=issue.token_hash,
            expires_at=issue.expires_at,
            delivery=Delivery(DeliveryStatus.QUEUED, issue.at),
            reserved_until=None,
        )

    def revoke(self, *, by: UUID, at: datetime) -> Self:
        """Taken back. Taking back twice changes nothing."""
        if self.status is InvitationStatus.REVOKED:
            return self
        self._require_open(at)
        return replace(self, status=InvitationStatus.REVOKED, ended_at=at, revoked_by=by)

    def reserve(self, *, email: Email, at: datetime) -> Self:
        """Kept for the sign-up of ``email`` for a minute from ``at``; again for the same address is fine.

        An accepted invitation is handed back as it is: whether that means "you are in" or "used" depends on the
        membership that it led to.
        """
        if email != self.email:
            raise InvitationEmailMismatch
        match self.seen_at(at).status:
            case InvitationStatus.ACCEPTED:
                return self
            case InvitationStatus.REVOKED:
                raise InvitationRevoked
            case InvitationStatus.EXPIRED:
                raise InvitationExpired
            case InvitationStatus.PENDING:
                return replace(self, reserved_until=at + RESERVATION)
            case never:
                assert_never(never)

    def released(self) -> Self:
        """Kept for nobody's sign-up any more. If one that is under way gets through, ``accept`` says so."""
        return replace(self, reserved_until=None)

    def accept(self, *, by: UUID, at: datetime) -> Self:
        """The person is in. A membership is a fact, so this holds whatever the status was; the first one counts."""
        if self.status is InvitationStatus.ACCEPTED:
            return self
        return replace(self, status=InvitationStatus.ACCEPTED, accepted_by=by, ended_at=at, reserved_until=None)

    def expire(self, *, at: datetime) -> Self:
        """Marked as what it is, if its time is over; not while a person who came in time is still signing up."""
        if self.is_pending(at) or self.status is not InvitationStatus.PENDING:
            return self
        if self.is_reserved(at):
            raise InvitationReserved
        return replace(self, status=InvitationStatus.EXPIRED, ended_at=at)

    def _require_open(self, at: datetime) -> None:
        if not self.is_pending(at):
            raise InvitationNotPending
        if self.is_reserved(at):
            raise InvitationReserved


def new_invitation(invitation_id: UUID, tenant_id: UUID, email: Email, issue: Issue) -> Invitation:
    """A pending one, whose mail is yet to be sent."""
    return Invitation(
        id=invitation_id,
        tenant_id=tenant_id,
        email=email,
        offer=issue.offer,
        token_hash=issue.token_hash,
        status=InvitationStatus.PENDING,
        invited_by=issue.by,
        created_at=issue.at,
        expires_at=issue.expires_at,
        delivery=Delivery(DeliveryStatus.QUEUED, issue.at),
    )
