"""The answer that is coming over one connection: what the parser finds of it, and what was not read yet."""

from abc import ABC, abstractmethod

import httptools

from gateway.upstream.framing import TO_THE_END, length_of

MOST_WAITING = 256 * 1024
"""Octets of an answer that came and were not asked for; then the service has to wait."""

LONG = 64 * 1024
"""Of a body of which more than that is left nothing is copied: the parser does not see it, and pieces stay apart."""


class IncomingAnswer(ABC):
    """``status`` and ``headers``, and the body in pieces; whoever has the connection says what to do about it."""

    __slots__ = (
        "_head_only", "_informational", "_is_past_parser", "_left", "_parser", "_pieces", "_size", "headers",
        "is_whole", "keep_alive", "status",
    )  # fmt: skip

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)
        self.expect(head_only=False)
        self.is_whole = True  # until something is asked

    def expect(self, *, head_only: bool) -> None:
        """Another one will come; after HEAD without a body, whatever it says."""
        self._head_only = head_only
        self._informational = self._is_past_parser = self.is_whole = self.keep_alive = False
        self.status = self._left = self._size = 0
        self.headers: list[tuple[bytes, bytes]] = []
        if self._pieces:
            self._pieces.clear()

    @abstractmethod
    def wake(self) -> None:
        """There is news for whoever waits."""

    @abstractmethod
    def hold(self) -> None:
        """More has come than was asked for: take no more until it was read."""

    @property
    def is_complete(self) -> bool:
        """Whether all of the answer has come and was read."""
        return self.is_whole and not self._pieces

    @property
    def ends_with_connection(self) -> bool:
        """Whether its end is that of the connection."""
        return self.status != 0 and self._left == TO_THE_END

    def feed(self, data: bytes) -> None:
        """What came. ``httptools.HttpParserError`` for what is no answer, or none that was asked for."""
        try:
            if self._is_past_parser:
                self._take_unparsed(data)
                return
            self._parser.feed_data(data)
            if self._left > LONG:
                self._is_past_parser = True
        finally:
            self.wake()

    def at_hand(self) -> bytes | None:
        """All of the body, if it has come, nothing of it was read, and to put it together takes no long time."""
        return self._taken() if self.is_whole and self._size <= LONG else None

    def forget_parser(self) -> None:
        """Nothing comes any more: without this, the two would keep each other until the collector comes."""
        del self._parser

    def _take_unparsed(self, data: bytes) -> None:
        """More of a body whose length is known: it is not for the parser to copy."""
        surplus = len(data) - self._left
        self.on_body(data[: self._left] if surplus > 0 else data)
        if self._left == 0:
            self._parser = httptools.HttpResponseParser(self)  # the other one still waits for the rest
            self._finish()
        if surplus > 0:
            raise httptools.HttpParserError("an answer that nobody asked for")

    def _taken(self) -> bytes:
        """What has come and was not read: all of it together, or the first piece if to put it together takes long."""
        pieces = self._pieces
        if len(pieces) > 1 and self._size > LONG:
            found = pieces.pop(0)
            self._size -= len(found)
            return found
        found = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._size = 0
        return found

    def _finish(self) -> None:
        self.is_whole = True

    # What the parser finds.

    def on_message_begin(self) -> None:
        if self.is_whole:
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
        self._left = length_of(self.headers, status)
        self.keep_alive = self._left != TO_THE_END and not self._head_only and self._parser.should_keep_alive()
        self.status = status
        self.is_whole = self._head_only

    def on_body(self, body: bytes) -> None:
        if self._head_only:
            return
        self._pieces.append(body)
        size = len(body)
        if self._left > 0:
            self._left -= size
        before, self._size = self._size, self._size + size
        if before <= MOST_WAITING < self._size:
            self.hold()

    def on_message_complete(self) -> None:
        if self._informational:
            self._informational = False
        else:
            self._finish()
