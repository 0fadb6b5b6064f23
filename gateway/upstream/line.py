"""One connection to a service, and the exchange that is under way on it."""

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

from gateway.patience import Patience
from gateway.problems import ServiceUnavailable
from gateway.request import Headers

MOST_WAITING = 256 * 1024
"""Octets of an answer that came and were not asked for; then the service has to wait."""

HEAD_LIMIT = 64 * 1024
NEVER = float("inf")


class NoAnswer(ServiceUnavailable):
    """The service cannot be reached, is silent, or does not speak HTTP."""


class LineDied(NoAnswer):
    """The connection ended before the answer began."""


class AnswerCutShort(Exception):
    """The service fell silent or hung up in the middle of its answer; the client's must break off, too."""


class Line(asyncio.Protocol):
    """Bytes go out, and one answer comes back: ``status`` and ``headers`` after ``answer()``, then ``read()``.

    ``silent_until`` and ``ends_at`` (the loop's time) are watched by the pool. Anything that comes unasked, or is not
    HTTP, ends the connection.
    """

    __slots__ = (
        "_complete", "_drained", "_error", "_head_bytes", "_head_only", "_informational", "_keep_alive", "_loop",
        "_parser", "_paused", "_pieces", "_size", "_stall_seconds", "_to_eof", "_transport", "_waiter", "began", "busy",
        "ends_at", "headers", "idle_since", "is_open", "on_lost", "silent_until", "status", "uses",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, on_lost: Callable[["Line"], None]) -> None:
        self._loop = loop
        self.on_lost = on_lost
        self.is_open = False
        self.busy = False
        self.uses = 0
        self.idle_since = 0.0
        self.silent_until = self.ends_at = NEVER
        self._paused = False
        self._drained: asyncio.Future[None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._begin(head_only=False)

    def _begin(self, *, head_only: bool) -> None:
        self.began = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._head_only = head_only
        self._informational = False
        self._to_eof = False
        self._complete = self._keep_alive = False
        self._error: Exception | None = None
        self._pieces: list[bytes] = []
        self._size = self._head_bytes = 0
        self._stall_seconds = 0.0

    # The exchange, as whoever asks sees it.

    def ask(self, octets: bytes, patience: Patience, *, head_only: bool) -> None:
        """Begin an exchange: a request's head, and its body as far as it is there."""
        self._begin(head_only=head_only)
        self.uses += 1
        if not self.is_open:
            self._error = LineDied()
            return
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
            await self._wait()

    async def read(self) -> bytes:
        """What has come of the body since, nothing at its end. ``AnswerCutShort``, or what the exchange ended with."""
        while not self._pieces:
            if self._error:
                raise self._error
            if self._complete:
                return b""
            await self._wait()
        found = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        if self._size > MOST_WAITING:
            self._transport.resume_reading()
        self._size = 0
        return found

    @property
    def is_complete(self) -> bool:
        """Whether all of the answer has come and was read."""
        return self._complete and not self._pieces

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may follow on this connection."""
        return (
            self.is_open
            and self.is_complete
            and not (self._head_only or self._to_eof or self._error)
            and self._keep_alive
            and not self._transport.is_closing()
        )

    def fail(self, error: Exception) -> None:
        """End the exchange with ``error``, unless it is complete."""
        if not self._complete and self._error is None:
            self._error = error
            self._wake()
        if self._drained and not self._drained.done():
            self._drained.set_exception(error)

    def close(self) -> None:
        """Hang up now."""
        if self.is_open:
            self.is_open = False
            self._transport.abort()

    def time_out(self) -> None:
        """End an exchange that takes too long."""
        self.fail(AnswerCutShort() if self.status else NoAnswer())
        self.close()

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the connection tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._to_eof and exc is None and self._error is None:
            self._complete = True
            self._wake()
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
        if not self.busy or self._complete or not self.is_open:
            self.close()  # nobody asked: whoever comes next must not take it for an answer
            return
        self.began = True
        self.silent_until = self._loop.time() + self._stall_seconds
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._broken()
            return
        if not self.status:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self._broken()

    def _broken(self) -> None:
        # A complete answer with something unasked behind it stands; the connection does not.
        self.fail(AnswerCutShort() if self.status else NoAnswer())
        self.close()

    # What the parser finds.

    def on_message_begin(self) -> None:
        if self._complete:
            raise ValueError("an answer that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.status:  # else it is a trailer, which ends here
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            if status == 101:
                raise ValueError("nobody asked for another protocol")
            self._informational = True
            self.headers.clear()
            return
        self._to_eof = not _is_framed(self.headers, status) and not self._head_only
        self._keep_alive = self._parser.should_keep_alive()
        self.status = status
        if self._head_only:
            self._complete = True
        self._wake()

    def on_body(self, body: bytes) -> None:
        if self._head_only:
            return
        self._pieces.append(body)
        before, self._size = self._size, self._size + len(body)
        if before <= MOST_WAITING < self._size:
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        if self._informational:
            self._informational = False
            return
        self._complete = True
        self._wake()


def _is_framed(headers: Headers, status: int) -> bool:
    """Whether the end of the body can be told (RFC 9112, section 6.3); ``ValueError`` if in two ways."""
    lengths = codings = 0
    for name, value in headers:
        if name == b"content-length":
            lengths += 1
        elif name == b"transfer-encoding":
            codings += 1
            if value.lower() != b"chunked":
                raise ValueError("an unknown coding")
    if lengths + codings > 1:
        raise ValueError("two ways to tell the end")
    return bool(lengths or codings) or status in (204, 304)
