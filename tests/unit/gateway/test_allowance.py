"""How often one name may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.allowance import MINUTE, ROWS, SLOTS, Allowance
from shared.ids import new_id


class Now:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def waits(allowance: Allowance, name: str, times: int) -> list[float]:
    return [allowance.spend(name).wait for _ in range(times)]


def test_a_minutes_worth_may_come_at_once_and_no_more() -> None:
    allowance = Allowance("x", 10, Now())
    assert waits(allowance, "a", 10) == [0.0] * 10
    assert allowance.spend("a").wait == pytest.approx(6.0)


def test_what_was_refused_costs_nothing() -> None:
    now = Now()
    allowance = Allowance("x", 10, now)
    waits(allowance, "a", 1000)
    assert allowance.spend("a").wait == pytest.approx(6.0)
    now.seconds += 6.0
    assert allowance.spend("a").wait == 0.0
    assert allowance.spend("a").wait > 0


def test_what_is_left_is_told_to_the_last_one() -> None:
    now = Now()
    allowance = Allowance("sign_in", 3, now)
    assert [allowance.spend("a").left for _ in range(4)] == [2, 1, 0, 0]
    now.seconds += 20.0
    assert allowance.spend("a").lines().endswith(b'ratelimit: "sign-in";r=0;t=60\r\n')
    assert allowance.spend("a").lines() == (
        b'ratelimit-policy: "sign-in";q=3;w=60\r\nratelimit: "sign-in";r=0;t=20\r\n'
    )


@given(
    st.integers(1, 50),
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_no_minute_ever_lets_through_more_than_twice_the_allowance(per_minute: int, gaps: list[float]) -> None:
    now = Now()
    allowance, passed = Allowance("x", per_minute, now), []
    for gap in gaps:
        now.seconds += gap
        standing = allowance.spend("a")
        assert 0 <= standing.left < per_minute
        if not standing.wait:
            passed.append(now.seconds)
    for start in passed:
        assert sum(start <= at < start + MINUTE for at in passed) <= 2 * per_minute


def test_accounts_are_names_as_well() -> None:
    allowance, account = Allowance("x", 1, Now()), new_id().int
    assert allowance.spend(account).wait == 0
    assert allowance.spend(account).wait > 0
    assert allowance.spend(new_id().int).wait == 0


def test_a_customer_of_ipv6_is_one_however_many_addresses_they_use() -> None:
    allowance = Allowance("x", 1, Now())
    assert allowance.spend("2001:db8:1:2::1").wait == 0
    assert allowance.spend("2001:db8:1:2:ffff::9").wait > 0
    assert allowance.spend("2001:db8:1:3::1").wait == 0


def test_flooding_from_other_addresses_does_not_clear_a_counter() -> None:
    """CVE-2024-21662, at the gateway."""
    allowance = Allowance("x", 5, Now())
    waits(allowance, "victim", 6)
    for number in range(50_000):
        allowance.spend(f"flood-{number}")
    assert allowance.spend("victim").wait > 0


def test_a_flood_of_addresses_takes_no_memory_and_hardly_anybodys_allowance() -> None:
    allowance = Allowance("x", 5, Now())
    for number in range(20_000):
        allowance.spend(f"flood-{number}")
    assert len(allowance._full_at) == ROWS * SLOTS
    assert sum(allowance.spend(f"stranger-{number}").wait for number in range(1000)) == 0


def test_nobody_can_work_out_whose_counters_are_whose() -> None:
    one, other = Allowance("x", 5, Now()), Allowance("x", 5, Now())
    one.spend("a")
    other.spend("a")
    assert one._full_at != other._full_at


def test_a_name_counts_once_in_each_row() -> None:
    allowance = Allowance("x", 5, Now())
    allowance.spend("a")
    rows = [allowance._full_at[row * SLOTS : (row + 1) * SLOTS] for row in range(ROWS)]
    assert [SLOTS - row.count(0.0) for row in rows] == [1] * ROWS
