"""What is dead before its time, and what is known of it."""

from datetime import timedelta

import pytest

from gateway.problems import Flaw, ServiceUnavailable
from gateway.revocations.feed import BESIDE_EVENTS_SECONDS, STALE_SECONDS
from gateway.revocations.memory import SETTLING_SECONDS
from shared.contracts.caller import Caller
from shared.ids import new_id
from tests.support.callers import a_caller
from tests.unit.gateway.gate import LATER, Gate, ended, listing, resumed, suspended


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


async def test_a_list_comes_each_second_where_no_events_do_or_have_just_begun_to() -> None:
    gate = Gate(fed_by_events=False)
    assert await gate.run_for(10) == 10
    async with gate.reload.fed():
        assert await gate.run_for(SETTLING_SECONDS) == SETTLING_SECONDS
        assert await gate.run_for(10 * BESIDE_EVENTS_SECONDS) == 10
    assert await gate.run_for(10) == 10


async def test_events_count_from_the_first_list_on_and_it_says_what_they_had_told_before(caller: Caller) -> None:
    gate = Gate(fed_by_events=False)
    gate.listed, gate.down = listing(sessions=[caller]), True
    async with gate.reload.fed():
        assert gate.reload.fed_by_events
        assert gate.asked == 2
        assert gate.flaw(caller) is Flaw.SESSION_REVOKED
    assert not gate.reload.fed_by_events
