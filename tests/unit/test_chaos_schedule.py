"""What a seed of `make chaos` stands for."""

from collections import Counter

from tests.chaos.schedule import SHARES, TARGETS, Kind, schedule


def test_the_same_seed_is_the_same_schedule() -> None:
    assert schedule(7, events=4000, faults=40) == schedule(7, events=4000, faults=40)


def test_another_seed_is_another_schedule() -> None:
    assert schedule(7, events=4000, faults=40) != schedule(8, events=4000, faults=40)


def test_forty_faults_are_of_all_kinds_in_their_shares() -> None:
    assert Counter(fault.kind for fault in schedule(7, events=4000, faults=40)) == SHARES
    assert set(SHARES) == set(TARGETS) == set(Kind)


def test_faults_come_in_order_while_there_are_events() -> None:
    moments = [fault.after for fault in schedule(7, events=4000, faults=200)]
    assert moments == sorted(moments)
    assert len(moments) == 200
    assert moments[-1] < 4000


def test_whom_a_fault_meets_is_one_of_those_whom_it_can_meet() -> None:
    assert all(fault.target in TARGETS[fault.kind] for fault in schedule(7, events=4000, faults=200))
