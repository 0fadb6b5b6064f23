"""How an answer is written: one way to tell its end, and nothing that could end a line early."""

import pytest

from gateway.server.answer import Answer, UnsafeAnswer

Headers = list[tuple[bytes, bytes]]


def written(
    *pieces: bytes, headers: Headers, status: int = 200, bodyless: bool = False, may_chunk: bool = True
) -> tuple[list[bytes], bytes]:
    """The lines of the head without the date, and what follows."""
    answer = Answer(bodyless=bodyless, may_chunk=may_chunk)
    answer.begin(status, headers, keep_alive=True)
    octets = b"".join(answer.piece(piece, more=at < len(pieces) - 1) for at, piece in enumerate(pieces))
    head, _, body = octets.partition(b"\r\n\r\n")
    return [line for line in head.split(b"\r\n") if not line.startswith(b"date: ")], body


def test_a_known_length_is_told() -> None:
    assert written(b"ab", b"c", headers=[(b"content-length", b"3")]) == (
        [b"HTTP/1.1 200 OK", b"content-length: 3"],
        b"abc",
    )


def test_an_unknown_length_comes_in_chunks() -> None:
    lines, body = written(b"ab", b"", b"c" * 20, b"", headers=[])
    assert lines == [b"HTTP/1.1 200 OK", b"transfer-encoding: chunked"]
    assert body == b"2\r\nab\r\n14\r\n" + b"c" * 20 + b"\r\n0\r\n\r\n"


def test_http_1_0_knows_no_chunks() -> None:
    lines, body = written(b"ab", b"", headers=[], may_chunk=False)
    assert lines == [b"HTTP/1.1 200 OK", b"connection: close"]
    assert body == b"ab"


def test_who_speaks_http_1_0_is_told_that_the_connection_stays() -> None:
    length = (b"content-length", b"1")
    assert written(b"a", headers=[length], may_chunk=False)[0][-1] == b"connection: keep-alive"
    assert written(b"a", headers=[length, (b"connection", b"close")], may_chunk=False)[0][-1] == b"connection: close"


@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_has_none(status: int) -> None:
    lines, body = written(b"ab", headers=[], status=status)
    assert b"transfer-encoding: chunked" not in lines
    assert body == b""


def test_204_tells_no_length_either() -> None:
    assert written(b"", headers=[(b"content-length", b"0")], status=204)[0] == [b"HTTP/1.1 204 No Content"]


def test_an_answer_to_head_tells_the_length_of_what_it_leaves_out() -> None:
    assert written(b"abc", headers=[(b"content-length", b"3")], bodyless=True) == (
        [b"HTTP/1.1 200 OK", b"content-length: 3"],
        b"",
    )


@pytest.mark.parametrize("pieces", [(b"ab", b""), (b"abcd",)])
def test_a_body_of_another_length_than_announced_is_not_sent(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(UnsafeAnswer):
        written(*pieces, headers=[(b"content-length", b"3")])


@pytest.mark.parametrize("octet", [b"\r", b"\n", b"\r\n"])
def test_nothing_ends_a_line_but_we(octet: bytes) -> None:
    for header in ((b"x-a", b"b" + octet + b"x-b: c"), (b"x-a" + octet, b"b")):
        with pytest.raises(UnsafeAnswer):
            written(b"", headers=[header, (b"content-length", b"0")])


def test_framing_is_ours_alone() -> None:
    told = [(b"transfer-encoding", b"chunked"), (b"connection", b"keep-alive"), (b"date", b"x")]
    assert written(b"", headers=[*told, (b"content-length", b"0")])[0] == [b"HTTP/1.1 200 OK", b"content-length: 0"]
