"""What an operator sees of it all: counted by route, by service and by reason."""

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gateway.upstream.breaker import FAILURES
from shared.ids import new_id
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import running
from tests.support.servers import serving


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


async def test_requests_are_counted_by_route_and_outcome_and_by_service(backend: tuple[str, Backend]) -> None:
    def seen() -> list[float]:
        route = {"method": "GET", "route": "/api/users/{user_id}", "service": "gateway"}
        return [
            *(value("http_request_seconds_count", **route, status=status) for status in ("200", "401")),
            value("upstream_seconds_count", upstream="auth"),
        ]

    async with running(*backend) as front:
        await front.until(front.is_ready)
        before = seen()
        for headers in (front.bearer(), {}, front.bearer()):
            await front.http.get(f"/api/users/{new_id()}", headers=headers)
        assert [now - then for now, then in zip(seen(), before, strict=True)] == [2, 1, 2]
        assert value("upstream_connections", upstream="auth") == 1


async def test_a_service_that_does_not_answer_is_counted_and_so_is_that_it_is_left_alone(
    backend: tuple[str, Backend],
) -> None:
    async with serving(Backend()) as nowhere:
        pass
    before = value("upstream_failures_total", upstream="invitations")
    async with running(*backend, invitations_url=nowhere) as front:
        await front.until(front.is_ready)
        assert value("upstream_breaker_open", upstream="invitations") == 0
        for _ in range(FAILURES):
            await front.http.get("/api/invitations", headers=front.bearer())
        assert value("upstream_failures_total", upstream="invitations") == before + FAILURES
        assert value("upstream_breaker_open", upstream="invitations") == 1
        assert value("upstream_breaker_open", upstream="auth") == 0


async def test_who_met_a_limit_is_counted_by_whose_it_was(backend: tuple[str, Backend]) -> None:
    labels = [{"limit": "sign_in", "whose": "address"}, {"limit": "ordinary", "whose": "account"}]
    before = [value("requests_limited_total", **each) for each in labels]
    async with running(*backend, limits="on", limit_sign_in=1, limit_account_ordinary=1) as front:
        await front.until(front.is_ready)
        bearer = front.bearer()
        for _ in range(2):
            await front.http.post("/api/auth/login", json={})
            await front.http.get("/api/users", headers=bearer)
    assert [value("requests_limited_total", **each) for each in labels] == [count + 1 for count in before]


async def test_of_what_went_well_no_more_is_logged_than_a_log_can_hold(backend: tuple[str, Backend]) -> None:
    async with running(*backend, access_log_per_second=0) as front:
        await front.until(front.is_ready)
        with capture_logs() as lines:
            for path in ("/api/enrolment", "/api/enrolment", "/nowhere"):
                await front.http.get(path)
    told = [(line["status"], line.get("left_out")) for line in lines if line["event"] == "request"]
    assert told == [(404, 2)]


async def test_a_line_says_where_a_request_comes_from(backend: tuple[str, Backend]) -> None:
    async with running(*backend, trusted_proxies="127.0.0.0/8") as front:
        await front.until(front.is_ready)
        with capture_logs() as lines:
            await front.http.get("/api/enrolment", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.1"})
            await front.http.get("/nowhere", headers={"X-Forwarded-For": "198.51.100.2"})
            await front.raw(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Forwarded-For: 198.51.100.3\r\n\r\n")
    told = [(line["status"], line["client_address"]) for line in lines if line["event"] == "request"]
    assert told == [(200, "198.51.100.1"), (404, "198.51.100.2"), (400, "127.0.0.1")]
