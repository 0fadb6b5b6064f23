"""One connection to a service, and the exchange that is under way on it."""

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

from gateway.patience import Patience
from gateway.upstream.failures import AnswerCutShort, LineDied, NoAnswer
from gateway.upstream.incoming import MOST_WAITING, IncomingAnswer

HEAD_LIMIT = 64 * 1024
NEVER = float("inf")


class Line(IncomingAnswer, asyncio.Protocol):
    """Bytes go out, and one answer comes back: ``status`` and ``headers`` after ``answer()``, then ``read()``.

    ``silent_until`` and ``ends_at`` (the loop's time) are watched by the pool. Anything that comes unasked, or is not
    HTTP, ends the connection.
    """

    __slots__ = (
        "_drained", "_error", "_head_bytes", "_loop", "_paused", "_stall_seconds", "_transport", "_waiter", "began",
        "busy", "ends_at", "idle_since", "is_open", "on_lost", "silent_until", "uses",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, on_lost: Callable[["Line"], None]) -> None:
        super().__init__()
        self._loop = loop
        self.on_lost = on_lost
        self.is_open = self.busy = self.began = self._paused = False
        self.uses = self._head_bytes = 0
        self.idle_since = self._stall_seconds = 0.0
        self.silent_until = self.ends_at = NEVER
        self._error: Exception | None = None
        self._drained: asyncio.Future[None] | None = None
        self._waiter: asyncio.Future[None] | None = None

    # The exchange, as whoever asks sees it.

    def ask(self, octets: bytes, patience: Patience, *, head_only: bool) -> None:
        """Begin an exchange: a request's head, and its body as far as it is there."""
        self.expect(head_only=head_only)
        self.uses += 1
        self.began = False
        self._head_bytes = 0
        if not self.is_open:
            self._error = LineDied()
            return
        self._error = None
        self._stall_seconds = patience.stall
        now = self._loop.time()
        self.silent_until = now + patience.stall
        self.ends_at = now + patience.total
        self._transport.write(octets)

    async def write(self, octets: bytes) -> None:
        """More of the body; waits while the service takes none."""
        if not self.is_open:
            raise LineDied
        self._transport.write(octets)
        self.silent_until = self._loop.time() + self._stall_seconds
        if self._paused:
            self._drained = self._loop.create_future()
            await self._drained

    async def answer(self) -> None:
        """Wait for the answer's head. ``LineDied``, or what the exchange was ended with."""
        while not self.status:
            if self._error:
                raise self._error
            self._waiter = self._loop.create_future()
            await self._waiter

    async def read(self) -> bytes:
        """What has come of the body since, nothing at its end. ``AnswerCutShort``, or what the exchange ended with."""
        while not self._pieces:
            if self._error:
                raise self._error
            if self.is_whole:
                return b""
            self._waiter = self._loop.create_future()
            await self._waiter
        held = self._size > MOST_WAITING
        piece = self._taken()
        if held and self._size <= MOST_WAITING:
            self._transport.resume_reading()
        return piece

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may follow on this connection."""
        return (
            self.keep_alive
            and self.is_complete
            and self.is_open
            and self._error is None
            and not self._transport.is_closing()
        )

    def fail(self, error: Exception) -> None:
        """End the exchange with ``error``, unless it is complete."""
        if not self.is_whole and self._error is None:
            self._error = error
            self.wake()
        if self._drained and not self._drained.done():
            self._drained.set_exception(error)

    def break_off(self) -> None:
        """End the exchange, unless it is complete, and the connection: it takes too long, or makes no sense."""
        self.fail(AnswerCutShort() if self.status else NoAnswer())
        self.close()

    def close(self) -> None:
        """Hang up now."""
        if self.is_open:
            self.is_open = False
            self._transport.abort()

    def wake(self) -> None:
        """Let whoever waits look again."""
        if self._waiter is not None:
            if not self._waiter.done():
                self._waiter.set_result(None)
            self._waiter = None

    def hold(self) -> None:
        """Let the service wait."""
        self._transport.pause_reading()

    # What the connection tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self.forget_parser()
        if self.ends_with_connection and exc is None and self._error is None:
            self._finish()
            self.wake()
        else:
            self.fail(AnswerCutShort() if self.status else NoAnswer() if self.began else LineDied())
        self.on_lost(self)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        if self._drained and not self._drained.done():
            self._drained.set_result(None)

    def data_received(self, data: bytes) -> None:
        if not self.busy or self.is_whole or not self.is_open:
            self.close()  # nobody asked: whoever comes next must not take it for an answer
            return
        self.began = True
        self.silent_until = self._loop.time() + self._stall_seconds
        try:
            self.feed(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.break_off()
            return
        if not self.status:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self.break_off()
