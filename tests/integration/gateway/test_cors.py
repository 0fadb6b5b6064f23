"""Pages of other origins, over the wire."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import PATIENCE_SECONDS, Front, Reply, running

APP, EVIL = "https://app.company.com", "https://evil.example"
ALLOWANCES = ("access-control-allow-origin", "access-control-allow-methods", "access-control-allow-credentials")


@pytest.fixture
async def front(backend: tuple[str, Backend]) -> AsyncIterator[Front]:
    async with running(*backend, cors_origins=f"{APP}, http://localhost:5173") as front:
        await front.until(front.is_ready)
        yield front


async def preflight(front: Front, path: str, method: str, origin: str = APP) -> Reply:
    request = (
        f"OPTIONS {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nOrigin: {origin}\r\n"
        f"Access-Control-Request-Method: {method}\r\nAccess-Control-Request-Headers: authorization\r\n\r\n"
    )
    return (await front.raw(request.encode(), PATIENCE_SECONDS))[0]


async def test_leave_is_given_for_what_exists_without_bothering_a_service(front: Front) -> None:
    for path, method in (("/api/auth/login", "POST"), ("/api/users/1", "GET"), ("/api/tenants", "POST")):
        reply = await preflight(front, path, method)
        assert (reply.status, reply.body) == (204, b"")
        assert reply.values("access-control-allow-origin") == [APP]
        assert reply.values("access-control-allow-methods") == [method]
        assert "authorization" in reply.values("access-control-allow-headers")[0]
        assert int(reply.values("access-control-max-age")[0]) > 0
        assert reply.values("access-control-allow-credentials") == []
        assert reply.values("vary") == ["Origin"]
        assert reply.values("x-content-type-options") == ["nosniff"]
    assert not front.backend.seen


async def test_no_leave_for_what_does_not_exist(front: Front) -> None:
    for path, method, status in (("/nowhere", "GET", 404), ("/api/auth/login", "DELETE", 405), ("//", "GET", 400)):
        reply = await preflight(front, path, method)
        assert reply.status == status
        assert reply.values("access-control-allow-methods") == []
        assert reply.values("access-control-allow-origin") == [APP]


async def test_no_leave_for_strangers(front: Front) -> None:
    for origin in (EVIL, "null", "*", APP + ".evil.example", APP + "/", f"{APP}, {EVIL}"):
        reply = await preflight(front, "/api/auth/login", "POST", origin)
        assert reply.status == 405
        assert [name for name in ALLOWANCES if reply.values(name)] == []
        assert reply.values("vary") == ["Origin"]


async def test_every_answer_may_be_read_by_a_listed_origin_whatever_became_of_the_request(front: Front) -> None:
    bearer = ("Authorization", front.bearer()["Authorization"])
    for path, status in (("/api/auth/me", 200), ("/health", 200), ("/nowhere", 404), ("//", 400)):
        reply = await front.get(path, bearer, ("Origin", APP))
        assert reply.status == status
        assert reply.values("access-control-allow-origin") == [APP]
        assert "RateLimit" in reply.values("access-control-expose-headers")[0]
    for headers in ([], [("Authorization", "Bearer x")]):
        reply = await front.get("/api/users", ("Origin", APP), *headers)
        assert reply.status == 401
        assert reply.values("access-control-allow-origin") == [APP]


async def test_no_answer_may_be_read_by_a_stranger(front: Front) -> None:
    for origins in ([EVIL], ["null"], [APP, EVIL], []):
        reply = await front.get("/api/enrolment", *(("Origin", origin) for origin in origins))
        assert reply.status == 200
        assert [name for name in ALLOWANCES if reply.values(name)] == []
        assert reply.values("vary") == ["Origin"]


async def test_a_service_cannot_give_leave(front: Front) -> None:
    reply = await front.get("/api/enrolment", ("Origin", EVIL), ("X-Want", "409"))
    assert reply.status == 409
    assert [name for name in ALLOWANCES if reply.values(name)] == []


async def test_without_listed_origins_there_is_no_leave(backend: tuple[str, Backend]) -> None:
    async with running(*backend) as front:
        assert (await preflight(front, "/api/auth/login", "POST")).status == 405
        reply = await front.get("/health", ("Origin", APP))
        assert [name for name in (*ALLOWANCES, "vary") if reply.values(name)] == []
