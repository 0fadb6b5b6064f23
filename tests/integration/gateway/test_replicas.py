"""A service at several addresses, of which some may be dead, and one whose name is not known."""

import asyncio

import pytest

from gateway.problems import ServiceUnavailable
from gateway.upstream import Question, Upstream
from gateway.upstream.breaker import FAILURES
from shared.http.tls import usual_authorities
from tests.integration.gateway.scripted import OK, Scripted, before, deaf, read


async def test_requests_go_to_the_replica_with_the_least_to_do() -> None:
    first, second = Scripted(b""), Scripted(b"")
    async with before(first, second, base_url="http://service.test:{}") as upstream:
        asking = [asyncio.create_task(read(upstream)) for _ in range(4)]
        while len(first.heads) + len(second.heads) < 4:  # noqa: ASYNC110 - on the other side of a socket
            await asyncio.sleep(0)
        assert (len(first.heads), len(second.heads)) == (2, 2)
        for each in asking:
            each.cancel()
        await asyncio.wait(asking)


async def test_a_dead_replica_costs_nobody_anything() -> None:
    alive = Scripted(OK, OK, OK)
    server = await asyncio.start_server(alive, "127.0.0.2", 0)
    port = server.sockets[0].getsockname()[1]

    async def resolve(_: str, __: int) -> list[str]:
        return ["127.0.0.3", "127.0.0.2"]

    upstream = Upstream(f"http://service.test:{port}", usual_authorities(), resolve)
    async with server:
        assert [await read(upstream, Question("POST", b"/x", [], b"")) for _ in range(3)] == [(200, b"ok")] * 3
        await upstream.close()
        await alive.rest()


async def test_a_replica_that_does_not_even_refuse_is_not_waited_for_long() -> None:
    """As behind a firewall, or on a node that is gone: here its queue of connections is full."""
    alive = Scripted(OK)
    server = await asyncio.start_server(alive, "127.0.0.2", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, deaf("127.0.0.3", port):

        async def resolve(_: str, __: int) -> list[str]:
            return ["127.0.0.3", "127.0.0.2"]

        upstream = Upstream(f"http://service.test:{port}", usual_authorities(), resolve, connect_seconds=0.05)
        assert await read(upstream, Question("POST", b"/x", [], b"")) == (200, b"ok")
        await upstream.close()
        await alive.rest()


async def test_a_service_that_is_away_for_long_is_not_waited_for_each_time() -> None:
    asked = 0

    async def resolve(_: str, __: int) -> list[str]:
        nonlocal asked
        asked += 1
        raise OSError("no such name")

    upstream = Upstream("http://service.test:1", usual_authorities(), resolve)
    for _ in range(FAILURES + 5):
        with pytest.raises(ServiceUnavailable):
            await read(upstream)
    assert asked == FAILURES
