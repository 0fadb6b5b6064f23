"""A running gateway, and ways to speak to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx

from gateway.app import Gateway, build
from gateway.server import serve
from gateway.settings import GatewaySettings
from shared.clock import Clock, utc_now
from shared.contracts.tenancy import Role
from shared.http.tls import usual_authorities
from shared.ids import new_id
from tests.integration.gateway.backend import Backend
from tests.support.callers import SIGNING_KEY
from tests.support.servers import serving

PATIENCE_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the line."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """All headers of this name."""
        return [value for candidate, value in self.headers if candidate.lower() == name]


@dataclass(frozen=True, slots=True)
class Front:
    """The gateway from outside. ``http`` is a well-behaved client, ``raw`` is not."""

    gateway: Gateway
    backend: Backend
    url: str
    http: httpx.AsyncClient

    def bearer(self, role: Role = Role.ADMIN, **claims: Any) -> dict[str, str]:
        """The header of somebody who is signed in; a new person in a new tenant unless ``claims`` say who."""
        token = self.backend.issuer.token(**({"tenant_id": str(new_id()), "role": role.value} | claims))
        return {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, *headers: tuple[str, str]) -> Reply:
        """GET with exactly these headers, in this order and spelling, duplicates and all."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        request = f"GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{lines}\r\n"
        return (await self.raw(request.encode("latin-1"), PATIENCE_SECONDS))[0]

    async def raw(self, octets: bytes, patience: float = 0.5) -> list[Reply]:
        """Send these octets and read all that comes back until the gateway hangs up, or has nothing more to say.

        ``patience`` is for how many seconds of silence to wait for that: long ones where it is sure to hang up.
        """
        address = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            writer.write(octets)
            return [reply async for reply in _replies(reader, patience)]
        finally:
            writer.close()

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait until ``await condition()`` is true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await condition():  # noqa: ASYNC110 - what changes is on the other side of a socket
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def is_ready(self) -> bool:
        """Whether the gateway says that it can do its work."""
        return (await self.http.get("/readyz")).status_code == 200


@asynccontextmanager
async def running(backend_url: str, backend: Backend, clock: Clock = utc_now, **given: Any) -> AsyncIterator[Front]:
    """A gateway before the services at ``backend_url``, on a port of its own, with its workers at work."""
    async with AsyncExitStack() as stack:
        gateway = await build(settings(backend_url, **given), clock)
        stack.push_async_callback(gateway.close)
        url = await stack.enter_async_context(serving(gateway.app, serve=partial(serve, places=gateway.connections)))
        workers = [asyncio.create_task(worker.run()) for worker in gateway.workers]
        stack.push_async_callback(_stop, workers)
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=url, verify=usual_authorities(), trust_env=False)
        )
        yield Front(gateway, backend, url, http)


def settings(backend_url: str, **given: Any) -> GatewaySettings:
    """Settings of a gateway whose services are all at one address; ``given`` replaces any."""
    urls = dict.fromkeys(("auth_url", "tenants_url", "invitations_url"), backend_url)
    basis: dict[str, Any] = {"environment": "test", "caller_signing_key": SIGNING_KEY, "limits": "off"}
    return GatewaySettings(**(basis | urls | given))


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _replies(reader: asyncio.StreamReader, patience: float) -> AsyncIterator[Reply]:
    while True:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), patience)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            return
        status, *lines = head.decode("latin-1").strip().split("\r\n")
        headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
        body = await reader.readexactly(length) if length is not None else b""
        yield Reply(int(status.split(" ")[1]), headers, body)
