"""The requests that come over one connection: what the parser finds of them, and how much head there may be."""

from abc import ABC, abstractmethod

import httptools

from gateway.server.head import HEAD_LIMIT, Head, judged, too_large
from gateway.server.refusals import BadRequest
from shared.errors import Problem

MOUTHFUL = HEAD_LIMIT
"""Octets that are parsed at once. A request may have 26, and takes a hundred times as many when it waits for its turn:
of what a client sends without waiting, the rest stays as it came."""


class IncomingRequests(ABC):
    """Tells heads, and the bodies behind them, to whoever has the connection; and what cannot be read on."""

    __slots__ = (
        "_first_piece", "_flaw", "_headers", "_parser", "_piece", "_seen", "_target", "_unread", "is_deaf",
        "is_in_head",
    )  # fmt: skip

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)  # it is ours to ignore it
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._flaw: Problem | None = None
        # How many octets came since the message began, or since the last piece of its body; those of the piece included
        # that may belong to what was before.
        self._seen = self._first_piece = self._piece = 0
        self._unread: bytes | memoryview = b""
        self.is_in_head = False
        self.is_deaf = False
        """Nothing is read any more."""

    @abstractmethod
    def begun(self) -> None:
        """The first octet of a request came."""

    @abstractmethod
    def asked(self, head: Head) -> None:
        """A head is complete, and there is nothing odd about it."""

    @abstractmethod
    def sent(self, body: bytes) -> None:
        """A piece of the body that belongs to the last head."""

    @abstractmethod
    def refuse(self, problem: Problem) -> None:
        """What came cannot be read on."""

    @property
    @abstractmethod
    def has_room(self) -> bool:
        """Whether more can be taken."""

    def data_received(self, data: bytes) -> None:
        """What came, as the loop tells it."""
        if len(data) > MOUTHFUL or self._unread:
            self._unread = memoryview(bytes(self._unread) + data)  # no copy where nothing was left
            self.read_on()
        else:
            self._parse(data)

    def read_on(self) -> None:
        """Take what came and is not parsed yet, as far as there is room."""
        while self._unread and self.has_room:
            mouthful, self._unread = self._unread[:MOUTHFUL], self._unread[MOUTHFUL:]
            self._parse(mouthful)

    def _parse(self, data: bytes | memoryview) -> None:
        if self.is_deaf:
            return
        self._piece = len(data)
        self._seen += self._piece
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.is_deaf = True  # what follows is in another protocol, which was not taken up
        except httptools.HttpParserError:
            flaw, self._flaw = self._flaw, None
            self.refuse(flaw or BadRequest())
        # The parser keeps an unfinished line to itself, so what it holds is counted here: of heads and of trailers.
        if self._seen - self._first_piece > HEAD_LIMIT and not self.is_deaf:
            self.refuse(too_large())

    def forget_parser(self) -> None:
        """Nothing comes any more: without this, the two would keep each other until the collector comes."""
        self.is_deaf = True
        self._unread = b""
        del self._parser

    # What the parser finds; ends of messages are for whoever has the connection.

    def on_message_begin(self) -> None:
        self.is_in_head = True
        self._first_piece = self._seen = self._piece
        self._target = b""
        self._headers = []
        self.begun()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.is_in_head:  # else it is a trailer, which ends here (RFC 9110, section 6.5.1)
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.is_in_head = False
        try:
            head = judged(self._parser, self._target, self._headers, at_most=self._seen)
        except Problem as problem:
            self._flaw = problem
            raise
        self.asked(head)

    def on_body(self, body: bytes) -> None:
        self._first_piece = self._seen = self._piece
        self.sent(body)
