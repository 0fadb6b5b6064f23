"""What a client sends after the headers, within the limits of its route."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Receive

from gateway.problems import BodyTooSlow
from gateway.request import Request
from shared.http.problems import BodyTooLarge

SLOWEST_SECONDS = 15.0
"""For all of a body that is taken in whole, and between two pieces of one that streams."""


class ClientGone(Exception):
    """Nobody is left to answer."""


class ClientBody:
    """The body of one request: whole, so that who trickles holds up no service, or as a stream."""

    def __init__(
        self, request: Request, limit: int, receive: Receive, slowest_seconds: float = SLOWEST_SECONDS
    ) -> None:
        """``BodyTooLarge`` at once if more is announced than ``limit``."""
        self._limit = limit
        self._receive = receive
        self._slowest_seconds = slowest_seconds
        self._request = request
        self.was_awaited = False
        """Whether it is taken in whole, and did not come along with the head."""

        if request.body_length > limit:
            raise self._too_large()

    async def content(self, *, whole: bool) -> bytes | AsyncIterator[bytes] | None:
        """What to pass on; ``None`` without a body.

        ``BodyTooLarge``, ``BodyTooSlow`` and ``ClientGone`` are raised here, or out of the stream.
        """
        if not self._request.has_body:
            return None
        at_hand = self._request.body_at_hand()
        if at_hand is not None:  # it came along with the head: most do
            if len(at_hand) > self._limit:
                raise self._too_large()
            return at_hand
        if not whole:
            return self._pieces()
        self.was_awaited = True
        async with self._deadline():
            return b"".join([piece async for piece in self._pieces()])

    async def _pieces(self) -> AsyncIterator[bytes]:
        size, more = 0, True
        while more:
            async with self._deadline():
                message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size > self._limit:
                raise self._too_large()
            if piece:
                yield piece

    @asynccontextmanager
    async def _deadline(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._slowest_seconds):
                yield
        except TimeoutError as error:
            raise BodyTooSlow from error

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"This route takes at most {self._limit:,} bytes.")
