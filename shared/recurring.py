"""Work that comes back, as long as a process runs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def recurring(work: Callable[[], Awaitable[object]], *, every: float, otherwise: str) -> None:
    """Do ``work`` now and ``every`` so many seconds, until cancelled.

    A service does not stop serving because such work fails: that is logged as ``otherwise``, and tried again next time.
    """
    while True:
        try:
            await work()
        except Exception as error:
            if is_ending():
                raise asyncio.CancelledError from error
            log.warning(otherwise, reason=f"{type(error).__name__}: {error}")
        await asyncio.sleep(every)


def is_ending() -> bool:
    """Whether this task was cancelled. What goes round after every failure asks, for a failure may be all it gets.

    Until Python 3.13 a ``TaskGroup`` of which a part fails at that moment tells of the failure alone.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
