"""The HTTP side as a whole: what is answered to requests that are no good requests, and health."""

from services.tenants.app import NAME
from shared.contracts.caller import CONTEXT_HEADER
from tests.integration.tenants.desk import OPERATOR, Desk, problem
from tests.support.callers import headers_of


async def test_a_wrong_method_is_told_the_right_ones(desk: Desk) -> None:
    for method, path, allowed in (
        ("DELETE", "/api/tenants", {"GET", "HEAD", "POST"}),
        ("PUT", "/api/tenants/current", {"GET", "HEAD", "PATCH"}),
        ("GET", "/api/tenants/0/suspend", {"POST"}),
    ):
        answer = await desk.http.request(method, path, headers=headers_of(OPERATOR, NAME))
        assert problem(answer) == (405, "method_not_allowed")
        assert set(answer.headers["allow"].split(", ")) == allowed


async def test_an_unknown_path_is_not_found(desk: Desk) -> None:
    for path in ("/", "/api", "/api/tenants/", "/api/tenants/current/", "/api/tenants/0"):
        assert problem(await desk.get(path)) == (404, "not_found"), path


async def test_a_body_that_is_no_good_is_refused(desk: Desk) -> None:
    for content, media_type, told in (
        (b"{", "application/json", (400, "malformed_body")),
        (b"", "application/json", (400, "malformed_body")),
        (b'{"name":"\xff","slug":"company"}', "application/json", (400, "malformed_body")),
        (b"[]", "application/json", (422, "invalid_request")),
        (b'{"name":"a\\u0000b","slug":"company"}', "application/json", (422, "invalid_request")),
        (b"name=Company", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        (b'"' + b"x" * 70_000 + b'"', "application/json", (413, "body_too_large")),
    ):
        headers = headers_of(OPERATOR, NAME) | {"content-type": media_type}
        answer = await desk.http.post("/api/tenants", content=content, headers=headers)
        assert problem(answer) == told, content[:40]
    assert await desk.told() == []


async def test_a_request_keeps_its_id(desk: Desk) -> None:
    answer = await desk.http.get("/api/tenants", headers={"x-request-id": "mine-1"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "mine-1"


async def test_the_trace_of_a_request_goes_on_in_its_events(desk: Desk) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = headers_of(OPERATOR, NAME) | {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    await desk.http.post("/api/tenants", json={"name": "Company", "slug": "company"}, headers=headers)
    [row] = await desk.rows("SELECT traceparent FROM outbox")
    assert row["traceparent"].split("-")[1] == trace


async def test_it_is_alive_and_ready_for_anybody_who_asks(desk: Desk) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await desk.http.get(path)).status_code == 200
    assert CONTEXT_HEADER not in desk.http.headers


async def test_its_routes_are_described(desk: Desk) -> None:
    described = (await desk.http.get("/openapi.json")).json()
    assert set(described["paths"]) == {
        "/api/tenants",
        "/api/audit",
        "/api/tenants/current",
        "/api/tenants/current/domains",
        "/api/tenants/current/domains/{domain}",
        "/api/tenants/current/domains/{domain}/verify",
        "/api/tenants/{tenant_id}/suspend",
        "/api/tenants/{tenant_id}/resume",
    }
    slug = described["components"]["schemas"]["CreateTenantBody"]["properties"]["slug"]
    assert slug["pattern"].startswith("^")
