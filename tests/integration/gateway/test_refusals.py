"""What is refused before a service is bothered, and what a service refuses itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from gateway.rule import BODY_LIMIT
from shared.http.protocol import HEAD_LIMIT
from tests.integration.gateway.front import Front, Reply

JSON = {"Content-Type": "application/json"}


def problem(reply: Reply) -> dict[str, object]:
    """What the answer says, after a look at its form."""
    assert reply.values("content-type") == ["application/problem+json"]
    told: dict[str, object] = json.loads(reply.body)
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(told)
    assert told["status"] == reply.status
    assert reply.values("x-request-id") == [told["request_id"]]
    return told


async def test_an_unknown_path_is_a_problem_like_any_other(front: Front) -> None:
    reply = await front.get("/nowhere")
    assert reply.status == 404
    assert problem(reply)["code"] == "not_found"


async def test_a_wrong_method_is_told_the_right_ones(front: Front) -> None:
    for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"):
        answer = await front.http.request(method, "/api/tenants", headers=front.bearer())
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, POST"
        assert answer.json()["code"] == "method_not_allowed"
    assert not front.backend.seen


async def test_a_body_within_the_limit_passes_octet_by_octet(front: Front) -> None:
    body = b"x" * BODY_LIMIT
    answer = await front.http.post("/api/auth/login", content=body, headers=JSON)
    assert answer.json()["body"] == body.decode()


async def test_an_announced_body_beyond_the_limit_is_refused_before_it_is_sent(front: Front) -> None:
    head = f"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: {BODY_LIMIT + 1}\r\n\r\n"
    (reply,) = await front.raw(head.encode())
    assert reply.status == 413
    assert problem(reply)["code"] == "body_too_large"
    assert not front.backend.seen


async def test_a_body_in_chunks_is_counted_as_it_comes(front: Front) -> None:
    head = b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    (reply,) = await front.raw(head + b"8000\r\n" + b"x" * 0x8000 + b"\r\n8001\r\n" + b"x" * 0x8001 + b"\r\n")
    assert reply.status == 413
    assert not front.backend.seen


async def test_a_megabyte_is_refused_to_a_client_that_sends_it_all_first(front: Front) -> None:
    """CVE-2024-28053: 413, which the client can read, and the connection goes on."""
    for content in (b"x" * 1_000_000, _megabyte()):
        answer = await front.http.post("/api/auth/login", content=content, headers=JSON)
        assert answer.status_code == 413
    assert (await front.http.get("/health")).status_code == 200


async def _megabyte() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b"x" * 10_000


async def test_a_client_that_waits_for_leave_to_send_is_told_to(front: Front) -> None:
    head = b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n"
    address = urlsplit(front.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(head + b"Content-Length: 2\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"{}")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    (refusal,) = await front.raw(head + b"Content-Length: 99999999\r\n\r\n")
    assert refusal.status == 413


async def test_headers_may_have_16_kib_and_no_more(front: Front) -> None:
    assert (await front.get("/api/enrolment", ("X-Long", "x" * (HEAD_LIMIT - 2000)))).status == 200
    for reply in (
        await front.get("/api/enrolment", ("X-Long", "x" * HEAD_LIMIT)),
        await front.get("/api/enrolment", *((f"X-{number}", "x" * 100) for number in range(200))),
        await front.get("/api/enrolment?" + "x" * HEAD_LIMIT),
    ):
        assert reply.status == 431
        assert problem(reply)["code"] == "headers_too_large"


CHUNKED = b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"


@pytest.mark.parametrize(
    "beginning",
    [b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", CHUNKED + b"0\r\nX-Long: ", CHUNKED + b"1;long="],
    ids=["header", "trailer", "chunk extension"],
)
async def test_what_never_ends_is_cut_off(front: Front, beginning: bytes) -> None:
    address = urlsplit(front.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    answer = asyncio.create_task(reader.readline())
    writer.write(beginning)
    async with asyncio.timeout(5):
        while not answer.done():
            writer.write(b"x" * 1000)
            await asyncio.sleep(0)
    assert answer.result().startswith(b"HTTP/1.1 431")
    writer.close()


async def test_what_a_service_answers_is_the_answer(front: Front) -> None:
    for status in (400, 401, 403, 404, 409, 410, 415, 422, 429, 500, 503):
        answer = await front.http.post("/api/auth/login", json={}, headers={"X-Want": str(status)})
        assert answer.status_code == status
        assert answer.json() == {"status": status}
        assert answer.headers["retry-after"] == "7"


async def test_head_is_get_without_the_body(front: Front) -> None:
    for path in ("/health", "/api/auth/me"):
        got = await front.http.get(path, headers=front.bearer())
        head = await front.http.head(path, headers=front.bearer())
        assert head.status_code == got.status_code == 200
        assert head.content == b""
    assert front.backend.seen[-1]["method"] == "HEAD"
    assert (await front.http.head("/api/auth/login")).status_code == 405


async def test_the_log_says_why_something_was_refused_and_nothing_of_what_was_sent(front: Front) -> None:
    """CVE-2026-41181: neither the token nor the query appears."""
    with capture_logs() as lines:
        await front.get("/api/users?secret-in-a-query", ("Authorization", "Bearer secret-in-a-header"))
        await front.get("/nowhere/secret-in-a-path")
    told = [(line["route"], line["status"], line["code"]) for line in lines if line["event"] == "request"]
    assert told == [("/api/users", 401, "invalid_token"), ("unmatched", 404, "not_found")]
    assert "secret" not in str(lines)
