"""Work in a task of its own."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def apart(work: Awaitable[T]) -> T:
    """What ``work`` comes to, done in a task of its own, which a cancel takes along.

    For whoever goes on after a failure.
    Until Python 3.13 a ``TaskGroup`` of which a part fails as its task is cancelled tells of the failure alone, and the
    cancel is lost; and one of which a part fails when all else is done leaves its task counted as cancelled. Neither
    reaches whoever waits here.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
    return task.result()
