"""How often an address may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits import MINUTE, ROWS, SLOTS, Allowance, Limits
from gateway.problems import TooManyRequests
from gateway.rule import LimitClass


class Now:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_minutes_worth_may_come_at_once_and_no_more() -> None:
    allowance = Allowance(10, Now())
    assert [allowance.spend("a") for _ in range(10)] == [0.0] * 10
    assert allowance.spend("a") == pytest.approx(6.0)


def test_what_was_refused_costs_nothing() -> None:
    now = Now()
    allowance = Allowance(10, now)
    for _ in range(1000):
        allowance.spend("a")
    assert allowance.spend("a") == pytest.approx(6.0)
    now.seconds += 6.0
    assert allowance.spend("a") == 0.0
    assert allowance.spend("a") > 0


@given(
    st.integers(1, 50),
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_no_minute_ever_lets_through_more_than_twice_the_allowance(per_minute: int, gaps: list[float]) -> None:
    now = Now()
    allowance, passed = Allowance(per_minute, now), []
    for gap in gaps:
        now.seconds += gap
        if not allowance.spend("a"):
            passed.append(now.seconds)
    for start in passed:
        assert sum(start <= at < start + MINUTE for at in passed) <= 2 * per_minute


def test_each_address_and_each_class_has_its_own() -> None:
    limits = Limits({LimitClass.SIGN_IN: 1, LimitClass.SIGN_UP: 1}, Now())
    limits.spend(LimitClass.SIGN_IN, "a")
    limits.spend(LimitClass.SIGN_UP, "a")
    limits.spend(LimitClass.SIGN_IN, "b")
    with pytest.raises(TooManyRequests) as refused:
        limits.spend(LimitClass.SIGN_IN, "a")
    assert refused.value.retry_after == pytest.approx(60.0)


def test_a_class_without_an_allowance_is_free() -> None:
    limits = Limits({}, Now())
    for _ in range(10_000):
        limits.spend(LimitClass.SIGN_IN, "a")


def test_flooding_from_other_addresses_does_not_clear_a_counter() -> None:
    """CVE-2024-21662, at the gateway."""
    allowance = Allowance(5, Now())
    while not allowance.spend("victim"):
        pass
    for number in range(50_000):
        allowance.spend(f"flood-{number}")
    assert allowance.spend("victim") > 0


def test_a_flood_of_addresses_takes_no_memory_and_hardly_anybodys_allowance() -> None:
    allowance = Allowance(5, Now())
    for number in range(20_000):
        allowance.spend(f"flood-{number}")
    assert len(allowance._free_at) == ROWS * SLOTS
    strangers = [allowance.spend(f"stranger-{number}") for number in range(1000)]
    assert strangers.count(0.0) == 1000
