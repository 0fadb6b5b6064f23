"""The queue for a connection to a service: in order, with an end, and for no longer than somebody would wait."""

import asyncio

import pytest

from gateway.problems import ServiceUnavailable
from gateway.upstream.line import Line
from gateway.upstream.turns import MOST_WAITING, WAIT_SECONDS, Turns


@pytest.fixture
async def turns() -> Turns:
    return Turns(asyncio.get_running_loop())


async def test_who_came_first_is_first(turns: Turns) -> None:
    first, second, third = (turns.join() for _ in range(3))
    assert turns.leave(second) is None
    assert [turns.take_first(), turns.take_first(), turns.take_first()] == [first, third, None]


async def test_there_is_an_end_to_the_queue(turns: Turns) -> None:
    for _ in range(MOST_WAITING):
        turns.join()
    with pytest.raises(ServiceUnavailable):
        turns.join()
    turns.take_first()
    turns.join()


async def test_nobody_waits_for_ever(turns: Turns) -> None:
    turn = turns.join()
    turns.forget_late(turn.until - WAIT_SECONDS / 2)
    assert not turn.line.done()
    turns.forget_late(turn.until)
    with pytest.raises(ServiceUnavailable):
        await turn.line
    assert len(turns) == 0


async def test_who_leaves_with_a_line_in_the_hand_gives_it_back(turns: Turns) -> None:
    line = Line(asyncio.get_running_loop(), lambda _: None)
    turn, left = turns.join(), turns.join()
    turn.line.set_result(line)
    left.line.cancel()
    assert turns.take_first() is None
    assert turns.leave(turn) is line
    assert turns.leave(left) is None
