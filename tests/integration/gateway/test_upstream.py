"""Lines to a service that die."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.problems import ServiceUnavailable
from gateway.upstream import Upstream

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Odd: 1\r\n\r\nok"


class Flaky:
    """Hangs up on the first requests without a word, then answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.requests = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        if self.requests > self.failures:
            writer.write(ANSWER)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def upstream_of(service: Flaky) -> AsyncIterator[Upstream]:
    server = await asyncio.start_server(service, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    upstream = Upstream(f"http://127.0.0.1:{port}", httpx.create_ssl_context(trust_env=False))
    async with server:
        yield upstream
        await upstream.close()


async def ask(upstream: Upstream, method: str, body: bytes | None = None) -> tuple[int, bytes]:
    async with upstream.ask(method, b"/x", [], body) as reply:
        return reply.status, b"".join([chunk async for chunk in reply.chunks])


async def test_a_get_is_asked_once_more() -> None:
    service = Flaky(1)
    async with upstream_of(service) as upstream:
        assert await ask(upstream, "GET") == (200, b"ok")
    assert service.requests == 2


async def test_but_not_for_ever() -> None:
    service = Flaky(9)
    async with upstream_of(service) as upstream:
        with pytest.raises(ServiceUnavailable):
            await ask(upstream, "GET")
    assert service.requests == 2


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_what_may_have_taken_effect_is_never_repeated(method: str) -> None:
    service = Flaky(1)
    async with upstream_of(service) as upstream:
        with pytest.raises(ServiceUnavailable):
            await ask(upstream, method, b"{}")
    assert service.requests == 1
