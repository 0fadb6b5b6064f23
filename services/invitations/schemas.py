"""What comes in and what goes out."""

import re
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from services.invitations.domain.delivery import Delivery, DeliveryStatus
from services.invitations.domain.invitation import Invitation, InvitationStatus
from services.invitations.domain.offer import (
    DEFAULT_VALID_DAYS,
    LONGEST_MESSAGE,
    MOST_VALID_DAYS,
    Offer,
)
from services.invitations.issuing import Issued
from services.invitations.repository.listing import Filter
from shared.contracts.email import LONGEST_ADDRESS, EmailField, part_as_stored
from shared.contracts.tenancy import Role
from shared.http.models import WHOLE, Answer, Body, PageQuery, Timestamp

# Controls other than tab and line breaks, and the marks that turn the direction of writing around.
_NOT_PLAIN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _plain(message: str) -> str | None:
    if _NOT_PLAIN.search(message):
        raise ValueError("a message is plain text, without control characters")
    return message.strip() or None


Days = Annotated[int, Field(strict=True, ge=1, le=MOST_VALID_DAYS), WHOLE]
Message = Annotated[str, Field(max_length=LONGEST_MESSAGE), AfterValidator(_plain)]


class InviteBody(Body):
    """Whom to invite, and to what."""

    email: EmailField
    role: Role = Role.MEMBER
    message: Message | None = Field(None, description="A word to the invited person; plain text.")
    expires_in_days: Days = DEFAULT_VALID_DAYS

    @property
    def offer(self) -> Offer:
        """The terms."""
        return Offer(self.role, self.message, self.expires_in_days)


class GenerateInvitationBody(InviteBody):
    """The same, naming the tenant, which must be that of the token."""

    tenant_id: UUID


class InviteOwnerBody(Body):
    """Who is to be the first owner."""

    email: EmailField


class InvitationQuery(PageQuery):
    """Which invitations are wanted."""

    status: InvitationStatus | None = None
    delivery: DeliveryStatus | None = Field(None, description="How the mail fared.")
    q: str | None = Field(
        None,
        max_length=LONGEST_ADDRESS,
        description="A part of the e-mail address, in any letter case; of bücher.example all between two dots.",
    )

    @property
    def filter(self) -> Filter:
        """The same in the words of the repository."""
        return Filter(self.status, self.delivery, part_as_stored(self.q) if self.q else None)


class DeliveryAnswer(Answer):
    """How the newest mail fared, since when, and if badly, why."""

    status: DeliveryStatus
    at: Timestamp
    error: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """What the outside may see of it."""
        return cls(status=delivery.status, at=delivery.at, error=delivery.error)


class InvitationAnswer(Answer):
    """An invitation, never with its link."""

    id: UUID
    email: str
    role: Role
    status: InvitationStatus
    tenant_id: UUID
    invited_by: UUID | None
    created_at: Timestamp
    expires_at: Timestamp
    delivery: DeliveryAnswer

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """What the outside may see of it."""
        return cls(
            id=invitation.id,
            email=invitation.email,
            role=invitation.offer.role,
            status=invitation.status,
            tenant_id=invitation.tenant_id,
            invited_by=invitation.invited_by,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
            delivery=DeliveryAnswer.of(invitation.delivery),
        )


class InvitedAnswer(InvitationAnswer):
    """An invitation that was just made, or renewed, with its link, this once."""

    invite_url: str

    @classmethod
    def with_link(cls, issued: Issued) -> Self:
        """The one answer that holds the secret."""
        return cls(**dict(InvitationAnswer.of(issued.invitation)), invite_url=issued.url)
