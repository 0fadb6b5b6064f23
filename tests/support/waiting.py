"""Waiting for something to come true, with a limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_AGAIN_SECONDS = 0.005


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Return once ``holds``; ``TimeoutError`` when it does not within ``seconds``."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - who makes it true knows nothing of us
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def eventually(
    look: Callable[[], Awaitable[T | None]], what: str, seconds: float = 10, *, every: float = LOOK_AGAIN_SECONDS
) -> T:
    """What ``look`` finds, as soon as it finds something; ``AssertionError`` when it does not within ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := await look()):  # noqa: ASYNC110 - likewise
                await asyncio.sleep(every)
            return found
    except TimeoutError:
        raise AssertionError(f"{what} did not come within {seconds:.0f} s") from None
