"""Ctrl-C and SIGTERM: both mean a clean end, whatever is going on."""

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import structlog
import uvloop

SIGNALS = (signal.SIGINT, signal.SIGTERM)
ONE_AND_THE_SAME_SECONDS = 1.0

log = structlog.get_logger(__name__)


class _Heard:
    """When this process was told to end.

    What ends a whole process group comes twice where make stands between: by itself, and from make, which passes it on.
    The second is no impatience then.
    """

    at = float("-inf")

    def is_news(self) -> bool:
        """Whether what comes now is more than the other half of what came before."""
        now = time.monotonic()
        if now < self.at + ONE_AND_THE_SAME_SECONDS:
            return False
        self.at = now
        return True


_heard = _Heard()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A block that SIGTERM ends as Ctrl-C does, and that is left in good order then."""

    def interrupt(_: int, __: FrameType | None) -> None:
        if _heard.is_news():
            raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        _restore(before)


def run_until_signal(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` on an event loop until it ends, or is cancelled by the first signal; the next takes no excuse."""
    uvloop.run(_until_signal(work))


async def _until_signal(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work())

    def stop(number: signal.Signals) -> None:
        if not _heard.is_news():
            return
        if task.cancelling():
            _leave_at_once(loop, number)
            return
        log.info("stopping", signal=number.name)
        task.cancel()

    for each in SIGNALS:
        loop.add_signal_handler(each, stop, each)
    try:
        with suppress(asyncio.CancelledError):
            await task
    finally:
        # Here, since the loop leaves none when it closes, and something is still to be put in order around it.
        for each in SIGNALS:
            loop.remove_signal_handler(each)
        _restore(before)


def _leave_at_once(loop: asyncio.AbstractEventLoop, number: signal.Signals) -> None:
    """By the signal, or the exception that Ctrl-C is."""
    loop.remove_signal_handler(number)
    signal.raise_signal(number)


def _restore(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
