"""What goes on while a test looks on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def in_background(*activities: Awaitable[None]) -> AsyncIterator[None]:
    """All of them at work while the block lasts, then cancelled. Whatever else has ended one is raised."""
    tasks = [asyncio.ensure_future(each) for each in activities]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
