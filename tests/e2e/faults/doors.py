"""Second doors to the services of a running product, which can be closed one by one, and a gateway before them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from gateway.app import build
from gateway.routes import SERVICES
from gateway.server import serve
from gateway.settings import GatewaySettings
from shared.http.tls import usual_authorities
from shared.settings import load
from tests.e2e.live import IN_TESTS, Live
from tests.support.servers import serving
from tests.support.waiting import eventually


@dataclass(slots=True)
class Doors:
    """Each service's second port. Who knocks at a closed one is refused the connection."""

    live: Live
    _urls: dict[str, str] = field(default_factory=dict)
    _open: dict[str, ExitStack] = field(default_factory=dict)

    def open(self, service: str) -> str:
        """Serve again, on the same port as before; the address."""
        port = urlsplit(self._urls[service]).port if service in self._urls else None
        door = serving(self.live.product.services[service].app, port or 0)
        self._open[service] = ExitStack()
        self._urls[service] = self._open[service].enter_context(self.live.portal.wrap_async_context_manager(door))
        return self._urls[service]

    def close(self, service: str) -> None:
        """Serve no more."""
        self._open.pop(service).close()

    def close_all(self) -> None:
        """At the end."""
        for service in list(self._open):
            self.close(service)


@contextmanager
def second_front(live: Live) -> Iterator[tuple[Doors, str]]:
    """The doors, all of them open, and the address of a gateway that knows no other."""
    doors = Doors(live)
    try:
        urls = {service: doors.open(service) for service in SERVICES}
        with live.portal.wrap_async_context_manager(_gateway(live, urls)) as url:
            yield doors, url
    finally:
        doors.close_all()


@asynccontextmanager
async def _gateway(live: Live, urls: Mapping[str, str]) -> AsyncIterator[str]:
    addresses = {f"{service}_url": url for service, url in urls.items()}
    keys, public_url = live.secrets.keys(), live.product.base_url
    gateway = await build(load(GatewaySettings, public_url=public_url, **keys, **addresses, **IN_TESTS))
    workers = [asyncio.create_task(worker.run()) for worker in gateway.workers]
    try:
        async with serving(gateway.app, serve=serve) as url:
            await _ready(url)
            yield url
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)
        await gateway.close()


async def _ready(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, verify=usual_authorities(), trust_env=False) as http:

        async def is_ready() -> bool:
            return (await http.get("/readyz")).is_success

        await eventually(is_ready, "a gateway that is ready")
