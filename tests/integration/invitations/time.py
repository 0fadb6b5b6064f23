"""Time: the kind that a test moves, and the kind that it must wait for."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.clock import utc_now


@dataclass(slots=True)
class MovableClock:
    """Stands still until it is moved."""

    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


async def eventually(done: Callable[[], Awaitable[object]]) -> None:
    """Return when ``done`` answers with something true; ten seconds are the limit."""
    async with asyncio.timeout(10):
        while not await done():  # noqa: ASYNC110 - what is waited for happens in the database or in another process
            await asyncio.sleep(0.01)


async def run_until(work: Callable[[], Coroutine[Any, Any, None]], done: Callable[[], Awaitable[object]]) -> None:
    """Run endless ``work`` until ``done``."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())
        await eventually(done)
        task.cancel()
