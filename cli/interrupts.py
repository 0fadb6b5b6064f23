"""Ctrl-C and SIGTERM: both mean a clean end, whatever is going on."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import uvloop

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A block that SIGTERM ends as Ctrl-C does, and that is left in good order then."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_until_signal(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` on an event loop until it ends, or is cancelled by the first signal; the second takes no excuse."""
    uvloop.run(_until_signal(work))


async def _until_signal(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work())

    def stop() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await task
