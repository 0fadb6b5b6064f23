"""More at once than there may be, over the wire."""

import asyncio
import json
from urllib.parse import urlsplit

import httpx

from gateway.limits.overload import COME_BACK_SECONDS
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import Front, running
from tests.support.servers import serving

SLOW = {"X-Want": "wait"}


async def in_hand(front: Front) -> float:
    lines = (await front.http.get("/metrics")).text.splitlines()
    found = [line for line in lines if line.startswith('requests_in_hand{upstream="auth"}')]
    return float(found[0].rpartition(" ")[2])


async def test_beyond_the_bound_it_is_503_at_once_and_the_rest_goes_on(backend: tuple[str, Backend]) -> None:
    async with serving(Backend()) as other, running(*backend, tenants_url=other, max_requests_per_service=2) as front:
        await front.until(front.is_ready)
        slow = [asyncio.create_task(front.http.get("/api/enrolment", headers=SLOW)) for _ in range(2)]

        async def full() -> bool:
            return await in_hand(front) == 2

        await front.until(full)
        refused = await front.get("/api/enrolment")
        assert refused.status == 503
        assert json.loads(refused.body)["code"] == "overloaded"
        assert refused.values("retry-after") == ["5"]
        assert (await front.http.get("/api/tenants/current", headers=front.bearer())).status_code == 200
        assert (await front.http.get("/health")).status_code == 200
        for task in slow:
            task.cancel()

        async def empty() -> bool:
            return await in_hand(front) == 0

        await front.until(empty)
        assert (await front.http.get("/api/enrolment")).status_code == 200


async def test_a_proxys_connection_does_not_rest_for_one_of_its_clients(backend: tuple[str, Backend]) -> None:
    """The next request over it is somebody else's, and perhaps for a service that has time."""
    async with running(*backend, trusted_proxies="127.0.0.1", max_requests_per_service=1) as front:
        await front.until(front.is_ready)
        slow = asyncio.create_task(front.http.get("/api/enrolment", headers=SLOW))
        await front.backend.go_on.wait()
        one = b"GET /api/enrolment HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n"
        other = b"GET /health HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.7\r\nConnection: close\r\n\r\n"
        assert [reply.status for reply in await front.raw(one + other, COME_BACK_SECONDS / 2)] == [503, 200]
        slow.cancel()


async def test_whatever_becomes_of_a_request_it_leaves_its_place(backend: tuple[str, Backend]) -> None:
    async with serving(Backend()) as gone:
        pass
    async with running(*backend, tenants_url=gone, max_requests=1) as front:
        await front.until(front.is_ready)
        for want in ("500", "409", "break", ""):
            try:
                await front.http.get("/api/enrolment", headers={"X-Want": want})
            except httpx.HTTPError:
                assert want == "break"
            assert (await front.http.get("/api/tenants/current", headers=front.bearer())).status_code == 503
            assert (await front.http.post("/api/auth/login", content=b"x" * 100_000)).status_code == 413
        assert (await front.http.get("/api/enrolment")).status_code == 200


async def test_who_sends_slowly_takes_nobodys_place(backend: tuple[str, Backend]) -> None:
    async with running(*backend, max_requests=1) as front:
        await front.until(front.is_ready)
        address = urlsplit(front.url)
        for _ in range(3):
            _, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
            await writer.drain()
            assert (await front.http.get("/api/enrolment")).status_code == 200
            writer.close()
            await writer.wait_closed()
