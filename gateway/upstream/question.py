"""A request to a service: what it is made of, and how it is written."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from gateway.patience import PATIENCE, Patience
from gateway.request import Headers

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class UnsafeHead(ValueError):
    """Something in the head would end a line early: it is not sent."""


@dataclass(slots=True)
class Question:
    """What a service is asked; ``headers`` without any about the framing.

    ``length`` is that of a ``body`` in pieces, where it is known. One that ``may_repeat`` is sent once more when it
    went out over a used connection that died before a byte came back.
    """

    method: str
    target: bytes
    headers: Headers
    body: AsyncIterator[bytes] | bytes | None = None
    length: int | None = None
    patience: Patience = PATIENCE
    may_repeat: bool = False

    @property
    def is_streamed(self) -> bool:
        """Whether the body comes in pieces."""
        return self.body is not None and not isinstance(self.body, bytes)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Those of a body that comes in pieces."""
        if self.body is not None and not isinstance(self.body, bytes):
            async for piece in self.body:
                yield piece


def request_head(question: Question, authority: bytes) -> bytes:
    """The request line and headers, out of judged parts and nothing else, and the body if it is whole.

    The framing is ours: a length where it is known, else chunks. ``UnsafeHead`` for octets that no judged part has.
    """
    body, length = question.body, question.length
    lines = [b"%b %b HTTP/1.1\r\nhost: %b" % (question.method.encode("ascii"), question.target, authority)]
    lines += map(b": ".join, question.headers)
    if isinstance(body, bytes) or (body is None and question.method in _WITH_BODY):
        lines.append(b"content-length: %d" % len(body or b""))
    elif body is not None:
        lines.append(b"transfer-encoding: chunked" if length is None else b"content-length: %d" % length)
    head = b"\r\n".join(lines)
    if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines) or b"\0" in head:
        raise UnsafeHead
    return b"%b\r\n\r\n%b" % (head, body) if isinstance(body, bytes) else head + b"\r\n\r\n"
