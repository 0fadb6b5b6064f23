"""What is dead before its time, and what is known of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from gateway.problems import Flaw, InvalidToken, ServiceUnavailable
from gateway.revocation_feed import (
    STALE_SECONDS,
    RevocationDocument,
    RevocationListener,
    RevocationReload,
    RevokedSession,
)
from gateway.revocations import MOST_SESSIONS, SETTLING_SECONDS, Revocations
from shared.clock import utc_now
from shared.contracts.auth import ApiKeyRevoked, SessionRevoked
from shared.contracts.caller import Caller
from shared.contracts.events import Event
from shared.contracts.tenancy import TenantStatus
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
    assert listener.types == {SessionRevoked.type, ApiKeyRevoked.type, TenantSuspended.type, TenantResumed.type}
    for kind in listener.types:
        with pytest.raises(ValidationError):
            await listener.handle(envelope_of(kind, {}))
    await listener.park(envelope_of(SessionRevoked.type, {}), "not an event")
