"""Work that comes back, as long as a process runs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.tasks import apart

log = structlog.get_logger(__name__)


async def recurring(work: Callable[[], Awaitable[object]], *, every: float, otherwise: str) -> None:
    """Do ``work`` now and ``every`` so many seconds, until cancelled.

    A service does not stop serving because such work fails: that is logged as ``otherwise``, and tried again next time.
    """
    while True:
        try:
            await apart(work())
        except Exception as error:  # noqa: BLE001 - whatever it is
            log.warning(otherwise, reason=f"{type(error).__name__}: {error}")
        await asyncio.sleep(every)
