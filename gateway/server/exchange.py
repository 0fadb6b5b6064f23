"""One request and its answer, as an ASGI app sees them."""

import asyncio
from typing import Protocol

from starlette.types import Message

from gateway.server.answer import Answer, UnsafeAnswer
from gateway.server.head import Head
from shared.errors import Problem

BLOCK = "block"
"""Beside what ASGI has, the start of an answer may bring whole header lines under this name."""

WHOLE = "whole"
"""Under this one all of the body, so that nothing more is sent for it."""

REST = "rest"
"""And under this one for how many seconds nothing more is done for the connection once it has the answer."""

WITHDRAWN = "withdrawn"
"""Type of a message in place of the rest of an answer, for whoever is not to see what was sent of it, either."""

LONG = 16 * 1024
"""Octets of a piece that is not put together with the head before it."""

MOST_WAITING = 64 * 1024
"""Octets of a body that came and were not asked for; then the client has to wait."""


class ClientLine(Protocol):
    """A connection, as those who answer over it know it."""

    is_gone: bool
    is_closing: bool
    """No further request is answered."""
    is_clogged: bool
    """The client takes nothing just now."""

    def write(self, octets: bytes) -> None:
        """Send this."""

    def withdraw(self) -> None:
        """When it ends, send nothing more of what the client has not taken."""

    async def until_drained(self) -> None:
        """Wait while the client takes nothing."""

    def resume_reading(self) -> None:
        """Read on, if nothing is waiting."""


class Exchange:
    """``receive`` and ``send`` for one request of ``connection``.

    It does not know the scope, which knows it: whatever holds each other stays until the collector has stopped
    everybody to find it.
    """

    __slots__ = (
        "_connection", "_delivered", "_expects_continue", "_waiter", "answer", "body_complete", "flaw",
        "keep_alive", "pieces", "rest_seconds", "size",
    )  # fmt: skip

    def __init__(self, connection: ClientLine, head: Head | None) -> None:
        """Without a ``head`` nothing was understood, and there is only something to say."""
        self._connection = connection
        self._waiter: asyncio.Future[None] | None = None
        self._delivered = False
        self._expects_continue = head is not None and head.expects_continue
        self.keep_alive = head is not None and head.keep_alive
        self.body_complete = head is None
        self.rest_seconds = 0.0
        self.pieces: list[bytes] = []
        self.size = 0
        self.flaw: Problem | None = None
        is_head = head is not None and head.method == "HEAD"
        self.answer = Answer(bodyless=is_head, may_chunk=head is None or head.version == "1.1")

    async def receive(self) -> Message:
        """The next piece of the body; raises the ``Problem`` of a body that cannot be read on."""
        if self._expects_continue and not self.pieces and not self.body_complete and not self.answer.has_begun:
            self._expects_continue = False
            self._connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not self._has_news:
            await self._wait()
        if self._connection.is_gone or self._delivered:
            return {"type": "http.disconnect"}
        if self.flaw is not None:
            raise self.flaw
        return self._taken()

    def at_hand(self) -> bytes | None:
        """All of the body, if it has come and nothing of it was taken yet."""
        if not self.body_complete or self._delivered or self.flaw is not None or self._connection.is_gone:
            return None
        return bytes(self._taken()["body"])

    @property
    def _has_news(self) -> bool:
        if self._connection.is_gone:
            return True
        return not self._delivered and (bool(self.pieces) or self.body_complete or self.flaw is not None)

    async def send(self, message: Message) -> None:
        """Part of the answer; waits while the client takes none."""
        if self._connection.is_gone:
            return
        if message["type"] == WITHDRAWN:
            self._connection.withdraw()
            return
        if message["type"] == "http.response.start":
            if self.answer.has_begun:
                raise UnsafeAnswer("a second answer to one request")
            self.rest_seconds = message.get(REST, 0.0)
            self.answer.begin(
                message["status"],
                message["headers"],
                keep_alive=self._may_stay,
                block=message.get(BLOCK, b""),
            )
            if WHOLE not in message:
                return
            body = message[WHOLE]
        else:
            body = message.get("body", b"")
        if len(body) > LONG and (head := self.answer.take_head()):
            self._connection.write(head)
        octets = self.answer.piece(body, more=message.get("more_body", False))
        if octets:
            self._connection.write(octets)
            if self._connection.is_clogged:
                await self._connection.until_drained()

    @property
    def _may_stay(self) -> bool:
        # A body that nobody waited for still comes: what follows it is not worth the risk of a misreading.
        return self.keep_alive and self.body_complete and not self._connection.is_closing

    def take(self, body: bytes) -> bool:
        """Keep a piece for the app; whether there is room for more."""
        if not self.answer.is_complete:
            self.pieces.append(body)
            self.size += len(body)
            self.wake()
        return self.size < MOST_WAITING

    def wake(self) -> None:
        """Let the app look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _taken(self) -> Message:
        body = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
        self.pieces.clear()
        self.size = 0
        self._delivered = self.body_complete
        message = {"type": "http.request", "body": body, "more_body": not self.body_complete}
        self._connection.resume_reading()  # more of it may come within this call
        return message

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
