"""CVE-2025-43859: what two readers would cut into requests in two ways is refused, and the connection closed."""

import json

from tests.integration.gateway.front import PATIENCE_SECONDS, Front

LOGIN = b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\n"
CHUNKED = LOGIN + b"Transfer-Encoding: chunked\r\n"
SMUGGLED = b"GET /api/enrolment?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

SHAPES = {
    "length and chunks": CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
    "chunks and length": LOGIN + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": LOGIN + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
    "the same length twice": LOGIN + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": LOGIN + b"Content-Length: 0, 0\r\n\r\n",
    "a signed length": LOGIN + b"Content-Length: +0\r\n\r\n",
    "a negative length": LOGIN + b"Content-Length: -1\r\n\r\n",
    "a length in hex": LOGIN + b"Content-Length: 0x0\r\n\r\n",
    "an empty length": LOGIN + b"Content-Length:\r\n\r\n",
    "a huge length": LOGIN + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a coding before chunked": LOGIN + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding after chunked": LOGIN + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked twice": CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": LOGIN + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "identity": LOGIN + b"Transfer-Encoding: identity\r\n\r\n",
    "a control before the coding": LOGIN + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": LOGIN + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST /api/auth/login HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded header": LOGIN + b"X-A: b\r\n Content-Length: 5\r\n\r\n",
    "a folded first header": b"GET /health HTTP/1.1\r\n Host: a\r\n\r\n",
    "a bare carriage return": LOGIN + b"X-A: b\rContent-Length: 5\r\n\r\n",
    "bare line feeds": b"GET /health HTTP/1.1\nHost: a\n\n",
    "a nul in a value": LOGIN + b"X-A: b\x00\r\n\r\n",
    "no name": LOGIN + b": b\r\n\r\n",
    "a space in a name": LOGIN + b"X A: b\r\n\r\n",
    "a name beyond ASCII": LOGIN + b"X-\xc3\xa9: b\r\n\r\n",
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown version": b"GET /health HTTP/3.0\r\nHost: a\r\n\r\n",
    "an unknown method": b"FOO /health HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method in lower case": b"get /health HTTP/1.1\r\nHost: a\r\n\r\n",
    "connect": b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}

BAD_CHUNKS = {
    "no number": b"zz\r\nab\r\n0\r\n\r\n",
    "a negative number": b"-1\r\na\r\n0\r\n\r\n",
    "a number in 0x": b"0x1\r\na\r\n0\r\n\r\n",
    "a number beyond 64 bits": b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "a line feed alone": b"1\na\r\n0\r\n\r\n",
    "more than announced": b"1\r\nabc\r\n0\r\n\r\n",
    "a nul in an extension": b"1;\x00\r\na\r\n0\r\n\r\n",
}


async def test_a_shape_with_two_readings_is_400_and_the_end_of_the_connection(front: Front) -> None:
    for shape, octets in SHAPES.items():
        replies = await front.raw(octets + SMUGGLED)
        assert [reply.status for reply in replies] == [400], shape
        assert replies[0].values("connection") == ["close"]
        assert json.loads(replies[0].body)["code"] == "bad_request"
    assert not front.backend.seen


async def test_bad_chunks_end_the_connection_and_reach_nobody(front: Front) -> None:
    for chunks in BAD_CHUNKS.values():
        replies = await front.raw(CHUNKED + b"\r\n" + chunks + SMUGGLED)
        assert [reply.status for reply in replies] == [400], chunks
    assert not front.backend.seen


async def test_good_chunks_are_passed_on_as_a_body_of_known_length(front: Front) -> None:
    (reply,) = await front.raw(
        CHUNKED + b"Connection: close\r\n\r\n1;x=y\r\na\r\n2\r\nbc\r\n0\r\n\r\n", PATIENCE_SECONDS
    )
    assert reply.status == 200
    seen = front.backend.seen[-1]
    assert seen["body"] == "abc"
    assert ["content-length", "3"] in [list(header) for header in seen["headers"]]


async def test_trailers_are_no_headers(front: Front) -> None:
    trailers = b"X-Trailer: 1\r\nX-Caller-Context: forged\r\nAuthorization: Bearer x\r\n"
    await front.raw(CHUNKED + b"Connection: close\r\n\r\n1\r\na\r\n0\r\n" + trailers + b"\r\n", PATIENCE_SECONDS)
    seen = front.backend.seen[-1]
    assert not [name for name, _ in seen["headers"] if name == "x-trailer"]


async def test_requests_in_one_piece_are_answered_one_by_one(front: Front) -> None:
    replies = await front.raw(SMUGGLED.replace(b"smuggled", b"1") + SMUGGLED.replace(b"smuggled", b"2"))
    assert [json.loads(reply.body)["query"] for reply in replies] == ["1", "2"]


UPGRADE = b"GET /api/enrolment HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: "


async def test_an_upgrade_to_http_2_is_ignored_and_what_follows_it_too(front: Front) -> None:
    (reply,) = await front.raw(UPGRADE + b"h2c\r\n\r\n" + SMUGGLED)
    assert reply.status == 200
    assert reply.values("connection") == ["close"]
    assert not [seen for seen in front.backend.seen if seen["query"]]


async def test_a_websocket_is_refused_clearly(front: Front) -> None:
    (reply,) = await front.raw(UPGRADE + b"websocket\r\n\r\n" + SMUGGLED)
    assert reply.status == 501
    assert json.loads(reply.body)["code"] == "upgrade_not_supported"
    assert not front.backend.seen
