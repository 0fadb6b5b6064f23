"""How many requests may be in hand."""

import pytest
from prometheus_client import REGISTRY

from gateway.limits.overload import Gate, Overloaded

SERVICES = ("auth", "tenants", "invitations")


def test_a_slow_service_fills_its_own_part_and_no_more() -> None:
    gate = Gate(SERVICES, most=10, most_of_one=3)
    for _ in range(3):
        gate.enter("invitations")
    with pytest.raises(Overloaded) as refused:
        gate.enter("invitations")
    assert refused.value.retry_after == 5.0
    gate.enter("auth")
    gate.leave("invitations")
    gate.enter("invitations")


def test_there_is_an_end_to_all_of_them_together() -> None:
    gate = Gate(SERVICES, most=4, most_of_one=3)
    for service in ("auth", "auth", "tenants", "tenants"):
        gate.enter(service)
    for service in SERVICES:
        with pytest.raises(Overloaded):
            gate.enter(service)
    gate.leave("auth")
    gate.enter("invitations")


def test_what_is_in_hand_and_what_was_refused_can_be_seen() -> None:
    gate = Gate(SERVICES, most=10, most_of_one=1)
    before = REGISTRY.get_sample_value("requests_overloaded_total", {"upstream": "tenants"}) or 0
    gate.enter("tenants")
    with pytest.raises(Overloaded):
        gate.enter("tenants")
    assert REGISTRY.get_sample_value("requests_in_hand", {"upstream": "tenants"}) == 1
    assert REGISTRY.get_sample_value("requests_overloaded_total", {"upstream": "tenants"}) == before + 1
    gate.leave("tenants")
    assert REGISTRY.get_sample_value("requests_in_hand", {"upstream": "tenants"}) == 0
