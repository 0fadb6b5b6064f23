"""What is dead before its time, and what is known of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from gateway.problems import Flaw, InvalidToken, ServiceUnavailable
from gateway.revocations.feed import (
    STALE_SECONDS,
    RevocationDocument,
    RevocationListener,
    RevocationReload,
    RevokedRole,
    RevokedSession,
)
from gateway.revocations.memory import MOST_SESSIONS, SETTLING_SECONDS, Revocations
from shared.clock import utc_now
from shared.contracts.auth import (
    ApiKeyRevoked,
    MembershipChange,
    MembershipRemoved,
    MembershipRoleChanged,
    MembershipSuspended,
    SessionRevoked,
)
from shared.contracts.caller import Caller
from shared.contracts.events import Event
from shared.contracts.subscriptions import GATEWAY_SUBSCRIPTION
from shared.contracts.tenancy import MembershipStatus, Role, TenantStatus
from shared.contracts.tenants import TenantResumed, TenantSuspended
from shared.http.peer import PeerUnavailable
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from tests.support.api_keys import Known, api_keys
from tests.support.callers import a_caller

START = datetime(2030, 1, 1, tzinfo=UTC)
LATER = START + timedelta(minutes=10)


class Gate:
    """Revocations with a clock, a listener and an auth to ask."""

    def __init__(self, *, fed_by_events: bool = True, most_sessions: int = MOST_SESSIONS) -> None:
        self.now = START
        self.seconds = 0.0
        self.down = False
        self.listed = RevocationDocument(sessions=[], tenants=[])
        self.revocations = Revocations(lambda: self.now, lambda: self.seconds, most_sessions)
        self.known_keys = Known()
        self.api_keys = api_keys(self.known_keys)
        self.listener = RevocationListener(self.revocations, self.api_keys)
        self.reload = RevocationReload(self.revocations, self.answer, fed_by_events)
        self._sequence = 0

    async def answer(self) -> RevocationDocument:
        if self.down:
            raise PeerUnavailable
        return self.listed

    async def hear(self, event: Event, sequence: int | None = None) -> None:
        self._sequence += 1
        number = sequence if sequence is not None else self._sequence
        await self.listener.handle(envelope_of(event.type, event.model_dump(mode="json"), number))

    def flaw(self, caller: Caller) -> Flaw | None:
        """Why the caller is refused, if so."""
        try:
            self.revocations.refuse(caller)
        except InvalidToken as refused:
            return refused.flaw
        return None


def envelope_of(kind: str, data: dict[str, Any], sequence: int = 1) -> Envelope:
    return Envelope(new_id(), "auth", kind, new_id(), utc_now(), new_id(), sequence, data)


def ended(caller: Caller, until: datetime = LATER) -> SessionRevoked:
    assert caller.session_id
    return SessionRevoked(session_id=caller.session_id, user_id=caller.subject, reason="logout", dead_until=until)


def suspended(tenant_id: UUID) -> TenantSuspended:
    return TenantSuspended(tenant_id=tenant_id, name="T", slug="t", status=TenantStatus.SUSPENDED)


def resumed(tenant_id: UUID) -> TenantResumed:
    return TenantResumed(tenant_id=tenant_id, name="T", slug="t", status=TenantStatus.ACTIVE)


def became(caller: Caller, role: Role, until: datetime = LATER) -> MembershipRoleChanged:
    """The person's role has changed to ``role``."""
    return MembershipRoleChanged(**_state(caller, role), former_role=caller.role, dead_until=until)


def left(caller: Caller, kind: type[MembershipChange] = MembershipRemoved) -> MembershipChange:
    return kind(**_state(caller, caller.role))


def _state(caller: Caller, role: Role) -> dict[str, Any]:
    return {
        "user_id": caller.subject,
        "tenant_id": caller.tenant_id,
        "email": "a@b.example",
        "name": "A",
        "role": role,
        "status": MembershipStatus.ACTIVE,
        "changed_by": new_id(),
    }


def listing(*, sessions: Iterable[Caller] = (), tenants: Iterable[UUID] = ()) -> RevocationDocument:
    named = [RevokedSession(id=caller.session_id, until=LATER) for caller in sessions if caller.session_id]
    return RevocationDocument(sessions=named, tenants=list(tenants))


@pytest.fixture
async def gate() -> Gate:
    gate = Gate()
    await gate.reload.reload()
    return gate


@pytest.fixture
def caller() -> Caller:
    return a_caller(new_id())


async def test_until_the_first_list_came_nobody_can_be_let_in(caller: Caller) -> None:
    gate = Gate()
    gate.down = True
    assert not await gate.reload.reload()
    with pytest.raises(ServiceUnavailable):
        gate.revocations.refuse(caller)
    with pytest.raises(ServiceUnavailable):
        await gate.reload.ready()
    gate.down = False
    assert await gate.reload.reload()
    assert gate.flaw(caller) is None
    await gate.reload.ready()


async def test_an_event_ends_a_session_and_no_other(gate: Gate, caller: Caller) -> None:
    await gate.hear(ended(caller))
    assert gate.flaw(caller) is Flaw.SESSION_REVOKED
    assert gate.flaw(a_caller(caller.tenant_id)) is None


async def test_a_list_ends_sessions_and_suspends_tenants(gate: Gate, caller: Caller) -> None:
    other = a_caller(new_id())
    gate.listed = listing(sessions=[caller], tenants=[other.tenant_id])
    await gate.reload.reload()
    assert gate.flaw(caller) is Flaw.SESSION_REVOKED
    assert gate.flaw(other) is Flaw.TENANT_SUSPENDED


async def test_a_session_stays_dead_when_a_later_list_does_not_name_it(gate: Gate, caller: Caller) -> None:
    await gate.hear(ended(caller))
    await gate.reload.reload()
    assert gate.flaw(caller) is Flaw.SESSION_REVOKED


async def test_what_expired_is_forgotten(gate: Gate, caller: Caller) -> None:
    await gate.hear(ended(caller))
    gate.now = LATER
    await gate.reload.reload()
    assert not gate.revocations._dead_sessions


async def test_a_suspended_tenant_is_out_until_it_is_resumed(gate: Gate, caller: Caller) -> None:
    """CVE-2024-47060."""
    await gate.hear(suspended(caller.tenant_id))
    assert gate.flaw(caller) is Flaw.TENANT_SUSPENDED
    await gate.hear(resumed(caller.tenant_id))
    assert gate.flaw(caller) is None


async def test_an_event_that_comes_again_late_re_enables_nobody(gate: Gate, caller: Caller) -> None:
    """CVE-2026-55987: nothing re-enables silently, a replayed event neither."""
    await gate.hear(resumed(caller.tenant_id), sequence=5)
    await gate.hear(suspended(caller.tenant_id), sequence=7)
    await gate.hear(resumed(caller.tenant_id), sequence=5)
    assert gate.flaw(caller) is Flaw.TENANT_SUSPENDED


async def test_a_list_made_before_auth_heard_of_it_does_not_undo_an_event(gate: Gate, caller: Caller) -> None:
    await gate.hear(suspended(caller.tenant_id))
    await gate.reload.reload()
    assert gate.flaw(caller) is Flaw.TENANT_SUSPENDED


async def test_in_the_end_the_list_is_right(gate: Gate, caller: Caller) -> None:
    await gate.hear(suspended(caller.tenant_id))
    gate.seconds += SETTLING_SECONDS + 1
    await gate.reload.reload()
    assert gate.flaw(caller) is None


async def test_more_than_can_be_kept_lets_nobody_in_rather_than_anybody(
    caller: Caller,
) -> None:
    gate = Gate(most_sessions=2)
    await gate.reload.reload()
    for _ in range(3):
        await gate.hear(ended(a_caller(new_id())))
    with pytest.raises(ServiceUnavailable):
        gate.revocations.refuse(caller)
    gate.now = LATER
    await gate.hear(ended(a_caller(new_id()), until=LATER + timedelta(minutes=1)))
    assert gate.flaw(caller) is None


@pytest.mark.parametrize(("fed_by_events", "ready"), [(True, True), (False, False)])
async def test_an_old_list_will_do_only_where_events_come(fed_by_events: bool, ready: bool) -> None:
    gate = Gate(fed_by_events=fed_by_events)
    await gate.reload.reload()
    gate.seconds += STALE_SECONDS + 1
    if ready:
        await gate.reload.ready()
    else:
        with pytest.raises(ServiceUnavailable):
            await gate.reload.ready()


async def test_a_token_with_a_former_role_is_dead_and_one_with_the_new_is_good(gate: Gate, caller: Caller) -> None:
    """Whatever second either of them was signed in."""
    member = replace(caller, role=Role.MEMBER)
    await gate.hear(became(caller, Role.MEMBER))
    assert gate.flaw(caller) is Flaw.ROLE_CHANGED
    assert gate.flaw(member) is None
    assert gate.flaw(replace(caller, tenant_id=new_id())) is None
    assert gate.flaw(replace(caller, subject=new_id())) is None


async def test_of_two_changes_the_later_counts_in_whichever_order_they_come(gate: Gate, caller: Caller) -> None:
    await gate.hear(became(caller, Role.HR, LATER + timedelta(seconds=1)))
    await gate.hear(became(caller, Role.MEMBER, LATER))
    assert gate.flaw(replace(caller, role=Role.MEMBER)) is Flaw.ROLE_CHANGED
    assert gate.flaw(replace(caller, role=Role.HR)) is None


async def test_a_list_tells_roles_and_undoes_no_event_that_it_was_too_early_for(gate: Gate, caller: Caller) -> None:
    other = a_caller(new_id())
    gate.listed = listing()
    gate.listed.roles.append(
        RevokedRole(tenant_id=other.tenant_id, user_id=other.subject, role=Role.MEMBER, until=LATER)
    )
    await gate.hear(became(caller, Role.MEMBER))
    await gate.reload.reload()
    assert gate.flaw(caller) is gate.flaw(other) is Flaw.ROLE_CHANGED
    gate.listed = listing()
    gate.seconds += SETTLING_SECONDS + 1
    await gate.reload.reload()
    assert gate.flaw(caller) is gate.flaw(other) is None


async def test_a_former_role_is_remembered_no_longer_than_its_tokens_live(gate: Gate, caller: Caller) -> None:
    await gate.hear(became(caller, Role.MEMBER))
    gate.now = LATER
    await gate.reload.reload()
    assert not gate.revocations._roles


async def test_who_left_may_come_back_as_something_else(gate: Gate, caller: Caller) -> None:
    await gate.hear(became(replace(caller, role=Role.HR), Role.ADMIN))
    await gate.hear(left(caller))
    assert gate.flaw(replace(caller, role=Role.MEMBER)) is None


@pytest.mark.parametrize("kind", [MembershipSuspended, MembershipRemoved])
async def test_keys_are_asked_about_anew_when_a_member_goes(gate: Gate, caller: Caller, kind: type[Any]) -> None:
    """GHSA-2vg6-77g8-24mp."""
    key = gate.known_keys.add(caller.tenant_id)
    await gate.api_keys.identify(key.text.encode())
    gate.known_keys.holders.clear()
    await gate.hear(left(caller, kind))
    with pytest.raises(InvalidToken):
        await gate.api_keys.identify(key.text.encode())


async def test_an_api_key_dies_with_the_event_and_sleeps_with_its_tenant(gate: Gate) -> None:
    """CVE-2024-47060."""
    tenant_id = new_id()
    revoked_event = ApiKeyRevoked(key_id=new_id(), tenant_id=tenant_id, name="HR", revoked_by=new_id())
    for event in (revoked_event, suspended(tenant_id)):
        key = gate.known_keys.add(tenant_id)
        await gate.api_keys.identify(key.text.encode())
        gate.known_keys.holders.clear()
        await gate.hear(event)
        with pytest.raises(InvalidToken):
            await gate.api_keys.identify(key.text.encode())


async def test_the_listener_wants_what_it_understands() -> None:
    listener = Gate().listener
    assert listener.types == {event.type for event in GATEWAY_SUBSCRIPTION}
    for kind in listener.types:
        with pytest.raises(ValidationError):
            await listener.handle(envelope_of(kind, {}))
    await listener.park(envelope_of(SessionRevoked.type, {}), "not an event")
