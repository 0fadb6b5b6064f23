"""Which requests leave a line."""

import httpx
from structlog.testing import capture_logs

from shared.clock import utc_now
from shared.contracts.caller import ContextVerifier
from shared.http.access_log import AccessLog
from shared.http.app import build_app
from tests.support.callers import SIGNING_KEY


class Now:
    """A clock that stands still until it is moved."""

    seconds = 7.0

    def __call__(self) -> float:
        return self.seconds


def write(access_log: AccessLog, status: int, **line: str) -> None:
    """As whoever has answered does."""
    if not access_log.leaves_out(status):
        access_log.put(status, **line)


def test_every_request_leaves_a_line_unless_told_otherwise() -> None:
    with capture_logs() as lines:
        for _ in range(1000):
            write(AccessLog(), 200, route="/x")
    assert len(lines) == 1000
    assert lines[0] == {"event": "request", "log_level": "info", "status": 200, "route": "/x"}


def test_a_burst_leaves_as_many_as_a_second_may_have_and_the_next_line_counts_the_others() -> None:
    now = Now()
    access_log = AccessLog(3, now)
    with capture_logs() as lines:
        for _ in range(10):
            write(access_log, 200)
        now.seconds += 1
        write(access_log, 200)
        write(access_log, 200)
    assert [line.get("left_out") for line in lines] == [None, None, None, 7, None]


def test_what_went_wrong_or_is_not_allowed_is_never_left_out() -> None:
    access_log = AccessLog(0, Now())
    with capture_logs() as lines:
        for status in (200, 204, 301, 400, 401, 404, 429, 499, 500, 503):
            write(access_log, status)
    assert [line["status"] for line in lines] == [400, 401, 404, 499, 500]


def test_a_flood_of_refusals_for_want_of_room_fills_no_log() -> None:
    access_log = AccessLog(2, Now())
    with capture_logs() as lines:
        for status in (503, 429, 503, 429, 503, 500):
            write(access_log, status)
    assert [line["status"] for line in lines] == [503, 429, 500]
    assert lines[-1]["left_out"] == 3


async def test_a_service_writes_as_many_lines_as_it_is_told() -> None:
    verifier = ContextVerifier(SIGNING_KEY, "notes", utc_now)
    app = build_app("notes", (), None, verifier=verifier, checks={}, lines=AccessLog(0, Now()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
        with capture_logs() as lines:
            await client.get("/openapi.json")
            await client.get("/nothing")
    assert [(line["status"], line["left_out"]) for line in lines] == [(404, 1)]


async def test_a_line_of_a_service_says_from_where_the_gateway_was_asked() -> None:
    verifier = ContextVerifier(SIGNING_KEY, "notes", utc_now)
    app = build_app("notes", (), None, verifier=verifier, checks={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notes") as client:
        with capture_logs() as lines:
            await client.get("/nothing", headers={"X-Client-Address": "192.0.2.7"})
            await client.get("/nothing")
    assert [line["client_address"] for line in lines] == ["192.0.2.7", "127.0.0.1"]
