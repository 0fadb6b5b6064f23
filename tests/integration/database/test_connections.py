"""How connections are lent: to whom next, how many, and for how long they stay."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.database.connections import Connections, Lent
from tests.support.databases import DatabaseUrls
from tests.support.waiting import until

SIZE = 2


@pytest.fixture
async def lending(urls: DatabaseUrls) -> AsyncIterator[Connections]:
    lending = Connections(lambda: asyncpg.connect(urls.serving), SIZE, answer_seconds=0.2)
    yield lending
    await lending.close()


async def test_who_waits_gets_the_next_that_is_given_back(lending: Connections) -> None:
    taken = [await lending.take() for _ in range(SIZE)]
    waiting = [asyncio.ensure_future(lending.take()) for _ in range(2)]
    await asyncio.sleep(0)
    lending.give_back(taken[1])
    assert await waiting[0] is taken[1]
    lending.give_back(taken[0])
    assert await waiting[1] is taken[0]
    for lent in taken:
        lending.give_back(lent)
    assert (lending.open, lending.idle) == (SIZE, SIZE)


async def test_a_lost_one_makes_room_for_who_waits(lending: Connections) -> None:
    lost, other = [await lending.take() for _ in range(SIZE)]
    waiting = asyncio.ensure_future(lending.take())
    await asyncio.sleep(0)
    lost.connection.terminate()
    lending.give_back(lost)
    new = await waiting
    assert new not in (lost, other)
    for lent in (new, other):
        lending.give_back(lent)
    assert (lending.open, lending.idle) == (SIZE, SIZE)


async def test_one_that_was_lost_while_it_lay_there_is_not_lent(lending: Connections) -> None:
    lost = await lending.take()
    lending.give_back(lost)
    lost.connection.terminate()
    new = await lending.take()
    assert (new is lost, await new.connection.fetchval("SELECT 1")) == (False, 1)
    lending.give_back(new)
    assert (lending.open, lending.idle) == (1, 1)


async def test_who_gives_up_at_the_moment_in_which_it_comes_passes_it_on(lending: Connections) -> None:
    taken = [await lending.take() for _ in range(SIZE)]
    waiting = asyncio.ensure_future(lending.take())
    await asyncio.sleep(0)
    lending.give_back(taken[0])
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (lending.open, lending.idle) == (SIZE, 1)
    lending.give_back(taken[1])


async def test_room_that_could_not_be_used_is_there_for_the_next() -> None:
    async def refuse() -> Lent:
        raise ConnectionRefusedError

    lending = Connections(refuse, 1, answer_seconds=1)  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await lending.take()
    assert (lending.open, lending.idle) == (0, 0)
    await lending.close()


async def test_what_nobody_needed_for_a_while_is_closed(urls: DatabaseUrls) -> None:
    lending = Connections(lambda: asyncpg.connect(urls.serving), SIZE, answer_seconds=0.2, unused_seconds=0.1)
    for lent in [await lending.take() for _ in range(SIZE)]:
        lending.give_back(lent)
    await until(lambda: lending.open == 0)
    lent = await lending.take()
    assert await lent.connection.fetchval("SELECT 1") == 1
    lending.give_back(lent)
    await lending.close()


async def test_closing_waits_for_those_that_are_lent(urls: DatabaseUrls) -> None:
    lending = Connections(lambda: asyncpg.connect(urls.serving), SIZE, answer_seconds=1)
    lent = await lending.take()
    closing = asyncio.ensure_future(lending.close())
    await asyncio.sleep(0)
    assert not closing.done()
    with pytest.raises(asyncpg.InterfaceError):
        await lending.take()
    lending.give_back(lent)
    await closing
    assert lent.connection.is_closed()
