"""Writes one answer: its head with our framing, and its body."""

import http
import time
from collections.abc import Iterable
from email.utils import formatdate
from functools import lru_cache

_REASONS = {status.value: status.phrase for status in http.HTTPStatus}
_STATUS_LINES = {
    status: f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\n".encode("ascii") for status in range(200, 600)
}
_FRAMING = frozenset({b"connection", b"transfer-encoding", b"date"})
_BODYLESS = (204, 304)


class UnsafeAnswer(ValueError):
    """Something in the head would end a line early, or the body is not as long as announced: it is not sent."""


class Answer:
    """The octets of one answer, in order."""

    __slots__ = ("_bodyless", "_chunked", "_head", "_left", "_may_chunk", "has_begun", "is_complete", "keep_alive")

    def __init__(self, *, bodyless: bool, may_chunk: bool) -> None:
        self._bodyless = bodyless
        self._may_chunk = may_chunk
        self._chunked = False
        self._head = b""
        self._left: int | None = None
        self.has_begun = self.is_complete = False
        self.keep_alive = False

    def begin(
        self, status: int, headers: Iterable[tuple[bytes, bytes]], *, keep_alive: bool, block: bytes = b""
    ) -> None:
        """Its status and headers, names in lower case, and a ``block`` of lines that are known to be well-formed.

        They go out together with the first piece of the body.
        """
        lines = []
        for name, value in headers:
            if name == b"content-length":
                if status == 204:  # it has none (RFC 9110, section 8.6)
                    continue
                self._left = int(value)
            elif name in _FRAMING:
                keep_alive = keep_alive and not (name == b"connection" and value.lower() == b"close")
                continue
            lines.append(b"%b: %b" % (name, value))
        self._bodyless = self._bodyless or status in _BODYLESS
        if self._left is None and not self._bodyless:
            self._chunked = self._may_chunk
            keep_alive = keep_alive and self._may_chunk
            if self._chunked:
                lines.append(b"transfer-encoding: chunked")
        self.keep_alive = keep_alive
        if not keep_alive:
            lines.append(b"connection: close")
        elif not self._may_chunk:  # who speaks HTTP/1.0 waits for the end unless told otherwise (RFC 9112, C.2.2)
            lines.append(b"connection: keep-alive")
        head = b"\r\n".join(lines)
        if lines and (head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1):
            raise UnsafeAnswer
        end = b"\r\n" if lines else b""
        self._head = b"%b%b%b%b%b\r\n" % (_STATUS_LINES[status], head, end, block, _dated(int(time.time())))
        self.has_begun = True

    def take_head(self) -> bytes:
        """The head alone, if it has not gone out yet: before a long piece, which need not be copied to follow it."""
        head, self._head = self._head, b""
        return head

    def piece(self, body: bytes, *, more: bool) -> bytes:
        """What goes over the line for the next piece of the body; the last one when there is no ``more``."""
        self.is_complete = not more
        head = self.take_head()
        if self._bodyless:
            return head
        if self._chunked:
            return b"%b%b%b" % (head, _chunk(body), b"" if more else b"0\r\n\r\n")
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise UnsafeAnswer
        return head + body if head else body


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body) if body else b""


@lru_cache(maxsize=2)
def _dated(now: int) -> bytes:
    """The Date header (RFC 9110, section 6.6.1), made once a second."""
    return f"date: {formatdate(now, usegmt=True)}\r\n".encode("ascii")
