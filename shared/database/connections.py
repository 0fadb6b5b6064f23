"""The connections of one role: made when they are needed, each lent to one at a time, closed when nobody needs them.

The driver has a pool and time-outs of its own. They make a task, a proxy and several timers for each use and each
statement, which took more of the processor than most statements do.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    # The library's stubs make it generic, the library itself does not.
    Connection = asyncpg.Connection[asyncpg.Record]

TAKE_SECONDS = 5.0
UNUSED_SECONDS = 300.0


class Lent:
    """A connection, and since when a statement is under way on it, by the clock of ``perf_counter``."""

    __slots__ = ("connection", "since")

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        self.since: float | None = None

    async def run(self, script: str) -> str:
        """Run statements that take no arguments, in one round trip; the tag of the last one."""
        self.since = time.perf_counter()
        tag = await self.connection.execute(script)
        self.since = None
        return tag


class Connections:
    """Up to ``size`` of them, as ``connect`` makes them.

    Whoever takes one gives it back, whatever happened, and has seen to it that nothing is left open or under way on it;
    who cannot know that terminates it. A statement that gets no answer within ``answer_seconds`` ends its connection.
    All settings are to be local to a transaction: what was left on a connection, its next borrower would have.
    """

    def __init__(
        self,
        connect: "Callable[[], Awaitable[Connection]]",
        size: int,
        answer_seconds: float,
        unused_seconds: float = UNUSED_SECONDS,
    ) -> None:
        self._connect = connect
        self._size = size
        self.answer_seconds = answer_seconds
        self._unused_seconds = unused_seconds
        self._open = 0
        self._idle: list[Lent] = []
        self._lent: set[Lent] = set()
        self._waiting: deque[asyncio.Future[Lent | None]] = deque()
        self._all_back: asyncio.Event | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._unused, self._unused_since = 0, 0.0

    @property
    def open(self) -> int:
        """How many there are: lent, idle or being made."""
        return self._open

    @property
    def idle(self) -> int:
        """How many of them nobody has at the moment."""
        return len(self._idle)

    async def take(self) -> Lent:
        """The one that was used last, or a new one, or the next that is given back.

        ``TimeoutError`` when none can be had within ``TAKE_SECONDS``, and what ``connect`` raises.
        """
        if self._all_back:
            raise asyncpg.InterfaceError("These connections are closed.")
        while self._idle:
            lent = self._idle.pop()
            if not lent.connection.is_closed():
                self._unused = min(self._unused, len(self._idle))
                self._lent.add(lent)
                return lent
            self._open -= 1
        async with asyncio.timeout(TAKE_SECONDS):
            if self._open < self._size:
                self._open += 1
                return await self._made()
            return await self._next() or await self._made()

    def give_back(self, lent: Lent) -> None:
        """Let the next one have it. A closed one makes room for a new one."""
        self._lent.discard(lent)
        lent.since = None
        if lent.connection.is_closed():
            self._make_room()
        elif not self._hand_over(lent):
            self._idle.append(lent)
        self._tell_closer()

    @asynccontextmanager
    async def lend(self) -> "AsyncIterator[Connection]":
        """One for the length of a block."""
        lent = await self.take()
        try:
            yield lent.connection
        finally:
            self.give_back(lent)

    async def close(self) -> None:
        """Wait until all are given back, and close them."""
        self._all_back = asyncio.Event()
        self._tell_closer()
        await self._all_back.wait()
        if self._watch:
            self._watch.cancel()
        await asyncio.gather(*(lent.connection.close() for lent in self._idle))

    async def _made(self) -> Lent:
        """A new one, in a room that is counted already."""
        try:
            lent = Lent(await self._connect())
        except BaseException:
            self._make_room()
            self._tell_closer()
            raise
        self._lent.add(lent)
        if self._watch is None:
            self._unused_since = time.perf_counter()
            self._look_again()
        return lent

    async def _next(self) -> Lent | None:
        """The next that is given back; nothing when there is room for a new one, which then is counted already."""
        waiter: asyncio.Future[Lent | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():  # it came at the very moment in which we gave up
                came = waiter.result()
                self.give_back(came) if came else self._make_room()
            raise

    def _hand_over(self, lent: Lent | None) -> bool:
        """Whether somebody waits, and has got it."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(lent)
                if lent:
                    self._lent.add(lent)
                return True
        return False

    def _make_room(self) -> None:
        if not self._hand_over(None):
            self._open -= 1

    def _tell_closer(self) -> None:
        if self._all_back and self._open == len(self._idle):
            self._all_back.set()

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(self.answer_seconds / 4, self._look) if self._open else None

    def _look(self) -> None:
        """End those that wait for an answer too long, and now and then those that nobody needs."""
        now = time.perf_counter()
        for lent in self._lent:
            if lent.since and now - lent.since > self.answer_seconds:
                lent.connection.terminate()
        if now - self._unused_since > self._unused_seconds:
            self._unused_since = now
            self._end_unused()
        self._look_again()

    def _end_unused(self) -> None:
        """End those that have lain there all the time: the last ones are used first."""
        for lent in self._idle[: self._unused]:
            lent.connection.terminate()
        del self._idle[: self._unused]
        self._open -= self._unused
        self._unused = len(self._idle)
