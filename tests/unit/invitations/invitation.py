"""Invitations to try the rules on."""

from datetime import UTC, datetime

from services.invitations.domain.invitation import Invitation, new_invitation
from services.invitations.domain.offer import Issue, Offer
from shared.contracts.email import Email
from shared.ids import new_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = Email("ann@example.com")
HASH = bytes(32)
ADMIN = new_id()


def an_invitation(offer: Offer | None = None) -> Invitation:
    """One to Ann, made at noon."""
    return new_invitation(new_id(), new_id(), ANN, Issue(offer or Offer(), ADMIN, HASH, NOON))
