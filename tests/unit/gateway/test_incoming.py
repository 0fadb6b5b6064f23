"""Requests as they come in: how much of them is taken at once, and how much there may be beside their bodies."""

from collections.abc import Iterator

import pytest

from gateway.server.head import HEAD_LIMIT, Head
from gateway.server.incoming import MOUTHFUL, IncomingRequests
from shared.errors import Problem

POST = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


class Incoming(IncomingRequests):
    """Has room for ``room`` requests, and says what came."""

    def __init__(self, room: int = 1_000_000) -> None:
        super().__init__()
        self.room = room
        self.targets: list[bytes] = []
        self.body = b""
        self.problem: Problem | None = None

    @property
    def has_room(self) -> bool:
        return len(self.targets) < self.room

    def begun(self) -> None:
        """A request, some day."""

    def asked(self, head: Head) -> None:
        self.targets.append(head.path)

    def sent(self, body: bytes) -> None:
        self.body += body

    def refuse(self, problem: Problem) -> None:
        self.is_deaf, self.problem = True, problem


def test_of_a_heap_of_requests_no_more_is_parsed_than_a_mouthful_until_there_is_room() -> None:
    incoming, targets = Incoming(room=1), [b"/%d" % number for number in range(5000)]
    incoming.data_received(b"".join(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % target for target in targets))
    assert 1 <= len(incoming.targets) <= MOUTHFUL / 26
    while len(incoming.targets) < len(targets):
        before = incoming.room = len(incoming.targets) + 1
        incoming.read_on()
        assert before <= len(incoming.targets) <= before + MOUTHFUL / 26
    assert incoming.targets == targets


def test_what_comes_meanwhile_does_not_overtake_what_was_left() -> None:
    incoming, targets = Incoming(room=1), [b"/%d" % number for number in range(2000)]
    *most, last = [b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % target for target in targets]
    incoming.data_received(b"".join(most))
    incoming.data_received(last)
    incoming.room = len(targets)
    incoming.read_on()
    assert incoming.targets == targets


def test_a_long_body_is_taken_in_mouthfuls_and_nothing_of_it_is_lost() -> None:
    body = bytes(range(256)) * 4000
    incoming = Incoming()
    incoming.data_received(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert (incoming.problem, incoming.body) == (None, body)


def endless(beginning: bytes, more: bytes) -> Iterator[bytes]:
    yield beginning
    while True:
        yield more * 100


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"GET / HTTP/1.1\r\nX-A: ", b"a"),
        (b"GET / HTTP/1.1\r\n", b"X-A: a\r\n"),
        (b"GET /", b"a"),
        (POST + b"1\r\na\r\n0\r\n", b"X-A: a\r\n"),
        (POST + b"1\r\na\r\n0\r\nX-A: ", b"a"),
        (POST + b"1\r\na\r\n1;a=", b"a"),
        (POST + b"1\r\na\r\n", b"0"),
        (b"", b"\r\n"),
    ],
    ids=[
        "a header",
        "headers",
        "a target",
        "trailers",
        "a trailer",
        "an extension",
        "the length of a chunk",
        "empty lines",
    ],
)
def test_what_never_ends_and_is_no_body_is_refused(beginning: bytes, more: bytes) -> None:
    incoming, size = Incoming(), 0
    for piece in endless(beginning, more):
        incoming.data_received(piece)
        size += len(piece)
        if incoming.problem:
            break
        assert size < 2 * HEAD_LIMIT
    assert incoming.problem
    assert incoming.problem.code == "headers_too_large"


def test_a_body_may_have_any_number_of_chunks() -> None:
    incoming = Incoming()
    incoming.data_received(POST)
    for _ in range(HEAD_LIMIT):
        incoming.data_received(b"1;a=b\r\na\r\n")
    incoming.data_received(b"0\r\nX-Trailer: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
    assert incoming.problem is None
    assert (len(incoming.body), incoming.targets) == (HEAD_LIMIT, [b"/", b"/next"])
