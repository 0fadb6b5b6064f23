"""Work that comes back."""

import asyncio

from shared.recurring import recurring
from tests.support.waiting import until


async def test_it_ends_though_a_part_of_the_work_fails_at_that_moment() -> None:
    given_up = asyncio.Event()

    async def fail() -> None:
        raise ConnectionError

    async def work() -> None:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(fail())
            try:
                await asyncio.Event().wait()
            finally:
                given_up.set()
                await asyncio.Event().wait()

    working = asyncio.ensure_future(recurring(work, every=3600, otherwise="put off"))
    await given_up.wait()
    working.cancel()
    try:
        await until(working.done, seconds=2)
    finally:
        working.cancel()
    assert working.cancelled()


async def test_it_goes_on_though_a_part_of_the_work_fails_when_all_else_is_done() -> None:
    begun = asyncio.Semaphore(0)

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ConnectionError

    async def work() -> None:
        begun.release()
        async with asyncio.TaskGroup() as parts:
            parts.create_task(fail())

    working = asyncio.ensure_future(recurring(work, every=0, otherwise="put off"))
    async with asyncio.timeout(2):
        for _ in range(3):
            await begun.acquire()
    working.cancel()
