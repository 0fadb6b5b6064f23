"""Answers that take the same time whatever was found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

ANSWER_SECONDS = 0.2
"""More than any way through sign-up, resend or forgotten password takes on a machine that is not overloaded."""


@asynccontextmanager
async def at_least(seconds: float) -> AsyncIterator[None]:
    """Leave the block no sooner than ``seconds`` after it was entered, by return or by exception.

    With ``seconds`` above what the longest way through the block takes, the time of the answer tells nothing about
    which way it went.
    """
    loop = asyncio.get_running_loop()
    earliest = loop.time() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(earliest - loop.time())
