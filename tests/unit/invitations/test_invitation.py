"""What may happen to an invitation, and when."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from services.invitations.domain.delivery import Delivery, DeliveryStatus
from services.invitations.domain.invitation import RESERVATION, Invitation, InvitationStatus
from services.invitations.domain.offer import Issue, Offer
from services.invitations.errors import (
    InvitationEmailMismatch,
    InvitationExpired,
    InvitationNotPending,
    InvitationReserved,
    InvitationRevoked,
)
from shared.contracts.email import Email
from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.unit.invitations.invitation import ADMIN, ANN, HASH, NOON, an_invitation

SECOND = timedelta(seconds=1)
END = NOON + timedelta(days=7)
PERSON = new_id()

Change = Callable[[Invitation, datetime], Invitation]


def renew(invitation: Invitation, at: datetime) -> Invitation:
    return invitation.renew(Issue(Offer(Role.HR, "Hi", 30), ADMIN, b"n" * 32, at))


def revoke(invitation: Invitation, at: datetime) -> Invitation:
    return invitation.revoke(by=ADMIN, at=at)


def test_it_is_good_for_as_long_as_was_offered() -> None:
    invitation = an_invitation(Offer(valid_days=30))

    assert invitation.expires_at == NOON + timedelta(days=30)
    assert invitation.status is InvitationStatus.PENDING
    assert invitation.delivery == Delivery(DeliveryStatus.QUEUED, NOON)


def test_sent_again_or_accepted_it_is_kept_for_nobody() -> None:
    reserved = an_invitation().reserve(email=ANN, at=NOON)

    assert renew(reserved, NOON + RESERVATION).reserved_until is None
    assert reserved.accept(by=PERSON, at=NOON).reserved_until is None


def test_it_is_over_at_the_very_instant_it_expires() -> None:
    invitation = an_invitation()

    assert invitation.is_pending(END - timedelta(microseconds=1))
    assert not invitation.is_pending(END)
    assert invitation.seen_at(END).status is InvitationStatus.EXPIRED
    with pytest.raises(InvitationExpired):
        invitation.reserve(email=ANN, at=END)


def test_renewing_takes_the_new_terms_a_new_link_and_time_from_now() -> None:
    renewed = renew(an_invitation(), NOON + SECOND)

    assert renewed.offer == Offer(Role.HR, "Hi", 30)
    assert renewed.token_hash != HASH
    assert renewed.created_at == NOON
    assert renewed.expires_at == NOON + SECOND + timedelta(days=30)
    assert renewed.delivery == Delivery(DeliveryStatus.QUEUED, NOON + SECOND)


@pytest.mark.parametrize("change", [renew, revoke])
def test_only_an_open_one_can_be_renewed_or_revoked(change: Change) -> None:
    accepted = an_invitation().accept(by=PERSON, at=NOON)
    expired = an_invitation().expire(at=END)
    for over in (accepted, expired):
        with pytest.raises(InvitationNotPending):
            change(over, END)
    with pytest.raises(InvitationNotPending):
        change(an_invitation(), END)


@pytest.mark.parametrize("change", [renew, revoke])
def test_while_it_is_reserved_it_can_be_neither(change: Change) -> None:
    reserved = an_invitation().reserve(email=ANN, at=NOON)
    with pytest.raises(InvitationReserved):
        change(reserved, NOON + RESERVATION - SECOND)

    assert change(reserved, NOON + RESERVATION) != reserved


def test_revoking_twice_keeps_the_first() -> None:
    revoked = revoke(an_invitation(), NOON)

    assert revoked.revoke(by=new_id(), at=END) is revoked
    assert (revoked.revoked_by, revoked.ended_at) == (ADMIN, NOON)


def test_a_revoked_one_cannot_be_renewed_or_reserved() -> None:
    revoked = revoke(an_invitation(), NOON)
    with pytest.raises(InvitationNotPending):
        renew(revoked, NOON)
    with pytest.raises(InvitationRevoked):
        revoked.reserve(email=ANN, at=NOON)


def test_reserving_again_counts_the_minute_anew() -> None:
    first = an_invitation().reserve(email=ANN, at=NOON)
    second = first.reserve(email=ANN, at=NOON + SECOND)

    assert second.reserved_until == NOON + SECOND + RESERVATION
    assert second.status is InvitationStatus.PENDING


def test_another_address_learns_nothing_of_what_became_of_it() -> None:
    for invitation in (an_invitation(), revoke(an_invitation(), NOON), an_invitation().accept(by=PERSON, at=NOON)):
        with pytest.raises(InvitationEmailMismatch):
            invitation.reserve(email=Email("bob@example.com"), at=END)


def test_an_accepted_one_is_handed_back_as_it_is() -> None:
    accepted = an_invitation().accept(by=PERSON, at=NOON)

    assert accepted.reserve(email=ANN, at=END) is accepted


def test_a_membership_accepts_whatever_the_status_was() -> None:
    pending = an_invitation()
    for invitation in (pending, pending.reserve(email=ANN, at=NOON), revoke(pending, NOON), pending.expire(at=END)):
        accepted = invitation.accept(by=PERSON, at=END)
        assert (accepted.status, accepted.accepted_by) == (InvitationStatus.ACCEPTED, PERSON)
        assert accepted.accept(by=new_id(), at=END) is accepted


def test_it_is_marked_as_expired_only_when_it_is() -> None:
    invitation = an_invitation()

    assert invitation.expire(at=END - SECOND) is invitation
    assert invitation.expire(at=END).ended_at == END
    revoked = revoke(invitation, NOON)
    assert revoked.expire(at=END) is revoked


def test_it_is_not_marked_while_a_person_who_came_in_time_is_joining() -> None:
    reserved = an_invitation().reserve(email=ANN, at=END - SECOND)
    with pytest.raises(InvitationReserved):
        reserved.expire(at=END)
