"""How a process starts, runs its parts side by side, and stops without losing a request."""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
import uvloop

log = structlog.get_logger(__name__)


class CannotStart(Exception):
    """The process cannot do its work here; the message says what is wrong and what to do about it."""


COLLECT_AFTER = 20_000
"""Objects more than before: some hundred requests."""


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``main`` on a fresh event loop and leave the process.

    Exit code 0 after a clean stop, 1 with one sentence on standard error for ``CannotStart``, 143 after a SIGTERM that
    came too early for a clean stop.
    """
    # The first process of a container gets no signal that it has no handler for: until its database answers, whoever
    # stops it would wait for nothing.
    before = signal.signal(signal.SIGTERM, _end)
    try:
        uvloop.run(main())
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


async def run_until_stopped(*parts: Awaitable[None], stop: asyncio.Event | None = None) -> None:
    """Run endless ``parts`` together until SIGTERM, SIGINT, ``stop``, or until one of them fails.

    On a stop every part is cancelled and awaited; each must end cleanly on cancellation. A failing part takes the
    others down with it, and its exception is raised: half a process serves nobody.
    """
    stopped = stop or asyncio.Event()
    _stop_on_signals(stopped)
    tasks = [asyncio.ensure_future(part) for part in parts]
    waiting = asyncio.ensure_future(stopped.wait())
    try:
        done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (waiting, *tasks):
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
    for task in done - {waiting}:
        task.result()


def _stop_on_signals(stopped: asyncio.Event) -> None:
    def stop(number: signal.Signals) -> None:
        log.info("stopping", signal=number.name)
        stopped.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)


def spare_the_collector() -> None:
    """What is there now stays; and a request, which makes no cycles, need not have them looked for."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)
