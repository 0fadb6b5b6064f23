"""How a request to a service is written: out of judged parts, framed by us."""

from collections.abc import AsyncIterator

import pytest

from gateway.upstream.question import Question, UnsafeHead, request_head

HEADERS = [(b"accept", b"*/*"), (b"x-caller-context", b"signed")]


async def _pieces() -> AsyncIterator[bytes]:
    yield b"x"


def lines(question: Question) -> list[bytes]:
    head, _, rest = request_head(question, b"auth:8001").partition(b"\r\n\r\n")
    return [*head.split(b"\r\n"), rest]


def test_a_get_is_its_judged_parts_and_nothing_else() -> None:
    first = [b"GET /x?y HTTP/1.1", b"host: auth:8001", b"accept: */*", b"x-caller-context: signed"]
    assert lines(Question("GET", b"/x?y", HEADERS)) == [*first, b""]


def test_a_whole_body_has_a_length() -> None:
    assert lines(Question("POST", b"/x", [], b"{}"))[2:] == [b"content-length: 2", b"{}"]
    assert lines(Question("POST", b"/x", []))[2:] == [b"content-length: 0", b""]


def test_a_body_in_pieces_has_the_length_that_was_announced_or_comes_in_chunks() -> None:
    assert lines(Question("POST", b"/x", [], _pieces(), 1))[2:] == [b"content-length: 1", b""]
    assert lines(Question("POST", b"/x", [], _pieces()))[2:] == [b"transfer-encoding: chunked", b""]


@pytest.mark.parametrize("octets", [b"\r", b"\n", b"\r\n", b"\0", b"\r\n\r\nGET /internal HTTP/1.1"])
def test_what_could_end_a_line_early_is_not_sent(octets: bytes) -> None:
    """CVE-2025-43859, once more behind the parser: nothing that was judged as one request can become two."""
    for question in (
        Question("GET", b"/x" + octets, []),
        Question("GET", b"/x", [(b"x-a", b"b" + octets)]),
        Question("GET", b"/x", [(b"x-a" + octets, b"b")]),
    ):
        with pytest.raises(UnsafeHead):
            request_head(question, b"auth")
