"""What holds of an invitation whatever happens to it, in whatever order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.invitations.domain.invitation import Invitation, InvitationStatus
from services.invitations.domain.offer import Issue, Offer
from shared.contracts.email import Email
from shared.errors import Problem
from tests.unit.invitations.invitation import ANN, NOON, an_invitation

PENDING, ACCEPTED = InvitationStatus.PENDING, InvitationStatus.ACCEPTED
ACTIONS = ("renew", "revoke", "reserve", "reserve for another", "accept", "expire")
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 3 * 24 * 60).map(lambda m: timedelta(minutes=m))), max_size=12
)


def act(it: Invitation, action: str, number: int, at: datetime) -> Invitation:
    """The invitation after ``action``, or as it was if that is refused."""
    who = UUID(int=number)
    actions: dict[str, Callable[[], Invitation]] = {
        "renew": lambda: it.renew(Issue(Offer(), who, who.bytes * 2, at)),
        "revoke": lambda: it.revoke(by=who, at=at),
        "reserve": lambda: it.reserve(email=ANN, at=at),
        "reserve for another": lambda: it.reserve(email=Email("bob@example.com"), at=at),
        "accept": lambda: it.accept(by=who, at=at),
        "expire": lambda: it.expire(at=at),
    }
    try:
        return actions[action]()
    except Problem:
        return it


@given(STEPS)
def test_no_story_breaks_the_rules(steps: list[tuple[str, timedelta]]) -> None:
    invitation, at = an_invitation(), NOON
    for number, (action, later) in enumerate(steps):
        at += later
        before, invitation = invitation, act(invitation, action, number, at)
        changed = invitation != before

        assert (invitation.status is PENDING) == (invitation.ended_at is None)
        assert (invitation.status is ACCEPTED) == (invitation.accepted_by is not None)
        assert (invitation.id, invitation.tenant_id, invitation.email, invitation.created_at) == (
            (before.id, before.tenant_id, before.email, before.created_at)
        )
        if before.status is not PENDING:
            assert not changed or (action == "accept" and before.status is not ACCEPTED)
        if not before.is_pending(at):
            assert not changed or action in ("accept", "expire")
        if before.is_reserved(at):
            assert not changed or action in ("accept", "reserve")
        if action == "reserve for another":
            assert not changed
        if action != "renew":
            assert (invitation.token_hash, invitation.offer) == (before.token_hash, before.offer)
            assert invitation.expires_at == before.expires_at
