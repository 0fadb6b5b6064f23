"""What the gateway does when something behind it is not there."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from shared.ids import new_id
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import Front, running
from tests.support.servers import serving


@pytest.fixture
async def nowhere() -> str:
    """An address at which nobody answers."""
    async with serving(Backend()) as url:
        pass
    return url


def assert_unavailable(status: int, code: str, retry_after: str) -> None:
    assert (status, code) == (503, "service_unavailable")
    assert int(retry_after) >= 1


async def test_a_service_that_is_down_is_503_and_nothing_else_is(backend: tuple[str, Backend], nowhere: str) -> None:
    async with running(*backend, invitations_url=nowhere) as front:
        await front.until(front.is_ready)
        down = await front.http.get("/api/invitations", headers=front.bearer())
        assert_unavailable(down.status_code, down.json()["code"], down.headers["retry-after"])
        assert (await front.http.get("/api/users", headers=front.bearer())).status_code == 200
        assert (await front.http.get("/health")).json() == {"status": "ok"}


async def test_without_a_key_set_no_token_is_judged(nowhere: str) -> None:
    """GHSA-xmf8-cvqr-rfgj: key set unreachable is 503, never 200."""
    async with running(nowhere, Backend()) as front:
        refused = await front.http.get("/api/users", headers=front.bearer())
        assert_unavailable(refused.status_code, refused.json()["code"], refused.headers["retry-after"])
        assert (await front.http.get("/api/users")).status_code == 401
        assert (await front.http.get("/api/users", headers={"Authorization": "Bearer x"})).status_code == 401
        assert (await front.http.get("/health")).status_code == 200
        readiness = await front.http.get("/readyz")
        assert readiness.status_code == 503
        assert readiness.json()["checks"] == {"key_set": "service_unavailable", "revocations": "service_unavailable"}


async def test_it_gets_ready_by_itself_when_auth_comes_up(nowhere: str) -> None:
    backend = Backend()
    async with running(nowhere, backend) as front:
        assert not await front.is_ready()
        async with serving(backend, port=_port(nowhere)):
            await front.until(front.is_ready)
            assert (await front.http.get("/api/users", headers=front.bearer())).status_code == 200


async def test_an_outage_of_auth_stops_nobody_who_is_signed_in() -> None:
    other = Backend()
    async with serving(other) as tenants_url, AsyncExitStack() as auth:
        auth_url = await auth.enter_async_context(serving(Backend(issuer=other.issuer)))
        async with running(auth_url, other, tenants_url=tenants_url) as front:
            await front.until(front.is_ready)
            await auth.aclose()
            answer = await front.http.get("/api/tenants/current", headers=front.bearer())
            assert answer.status_code == 200


async def test_a_sign_out_is_effective_everywhere_from_the_next_list_on(front: Front) -> None:
    session_id = str(new_id())
    bearer = front.bearer(sid=session_id)
    assert (await front.http.get("/api/users", headers=bearer)).status_code == 200
    until = datetime.now(UTC) + timedelta(minutes=10)
    front.backend.revoked["sessions"].append({"id": session_id, "until": until.isoformat()})

    async def is_out() -> bool:
        return (await front.http.get("/api/users", headers=bearer)).status_code == 401

    await front.until(is_out)
    assert (await front.http.get("/api/users", headers=front.bearer())).status_code == 200


async def test_a_suspended_tenant_is_out_and_comes_back(front: Front) -> None:
    """CVE-2024-47060."""
    tenant_id = str(new_id())
    bearer = front.bearer(tenant_id=tenant_id)

    async def is_out() -> bool:
        return (await front.http.get("/api/users", headers=bearer)).status_code == 401

    front.backend.revoked["tenants"].append(tenant_id)
    await front.until(is_out)
    front.backend.revoked["tenants"].clear()

    async def is_in() -> bool:
        return not await is_out()

    await front.until(is_in)


async def test_an_answer_that_breaks_off_breaks_off_for_the_client_too(front: Front) -> None:
    with pytest.raises(Exception, match=r"closed|incomplete|peer"):
        await front.http.get("/api/enrolment", headers={"X-Want": "break"})
    assert (await front.http.get("/health")).status_code == 200


async def test_a_client_that_leaves_ends_the_services_work(front: Front) -> None:
    asked = asyncio.create_task(front.http.get("/api/enrolment", headers={"X-Want": "wait"}))
    await asyncio.wait_for(front.backend.go_on.wait(), 5)
    asked.cancel()
    await asyncio.wait_for(front.backend.cancelled.wait(), 5)


async def test_a_client_that_leaves_in_the_middle_of_its_body_bothers_no_service(front: Front) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", _port(front.url))
    writer.write(b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{}")
    await writer.drain()
    writer.close()
    assert (await front.http.get("/api/enrolment")).status_code == 200
    assert [seen["path"] for seen in front.backend.seen] == ["/api/enrolment"]


async def test_an_idle_line_that_the_service_closed_is_nobodys_trouble(nowhere: str) -> None:
    backend = Backend()
    async with running(nowhere, backend) as front:
        for _ in range(2):
            async with serving(backend, port=_port(nowhere)):
                assert (await front.http.post("/api/auth/login", json={})).status_code == 200
                assert (await front.http.get("/api/enrolment")).status_code == 200


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])
