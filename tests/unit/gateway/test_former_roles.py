"""What dies with a change of role, with a membership, and with an API key."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.problems import Flaw, InvalidToken
from gateway.revocations.feed import (
    RevokedRole,
)
from gateway.revocations.memory import SETTLING_SECONDS
from shared.contracts.auth import (
    ApiKeyRevoked,
    MembershipRemoved,
    MembershipSuspended,
    SessionRevoked,
)
from shared.contracts.caller import Caller
from shared.contracts.subscriptions import GATEWAY_SUBSCRIPTION
from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.support.callers import a_caller
from tests.unit.gateway.gate import LATER, Gate, became, envelope_of, left, listing, suspended


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
