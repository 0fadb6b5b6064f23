"""The whole product in one process and event loop: three services, the gateway, and the events between them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any

import httpx

from cli.embedded.databases import DatabaseUrls
from cli.embedded.events import event_workers
from cli.embedded.parts import PARTS, Part
from cli.embedded.tagged import Tagged
from gateway.app import build as build_gateway
from gateway.limits.files import make_room
from gateway.server import serve as serve_clients
from gateway.settings import GatewaySettings
from shared.clock import Clock, utc_now
from shared.http.server import listen, serve
from shared.http.tls import usual_authorities
from shared.mail.queue import release_all
from shared.process import CannotStart
from shared.service import Service
from shared.settings import DatabaseSettings, MailSettings, load

LOOPBACK = "127.0.0.1"
READY_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.02
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What to build: on which (migrated) databases, with the mails in which folder.

    ``settings`` are given to every part, above what the environment says. Without ``mailbox`` mails go out.
    """

    databases: Mapping[str, DatabaseUrls]
    settings: Mapping[str, Any]
    mailbox: Path | None
    public_url: str | None = None
    clock: Clock = field(default=utc_now, repr=False)


@dataclass(frozen=True, slots=True)
class Product:
    """A product that answers; its services do so at their ``addresses``, to each other."""

    base_url: str
    addresses: Mapping[str, str]
    services: Mapping[str, Service]
    databases: Mapping[str, DatabaseUrls]
    mailbox: Path | None
    _parts: "list[asyncio.Task[None]]" = field(repr=False)

    async def endure(self, *beside: Coroutine[Any, Any, None]) -> None:
        """Go on, and do what is to be done ``beside``, until a part fails; raise what it failed of.

        Half a product serves nobody.
        """
        also = [asyncio.create_task(each) for each in beside]
        try:
            done, _ = await asyncio.wait([*self._parts, *also], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _stop(also)
        for part in done:
            part.result()


@asynccontextmanager
async def running_product(blueprint: Blueprint, listening: socket) -> AsyncIterator[Product]:
    """Run everything while the block lasts, the gateway on ``listening``; it is entered when the product is ready.

    At the end the gateway stops first and the databases are let go last, so that requests under way are answered.
    """
    async with AsyncExitStack() as stack:
        base_url = url_of(listening)
        sockets = {part.name: stack.enter_context(listen(LOOPBACK, 0)) for part in PARTS}
        given = _settings(blueprint, base_url, sockets)

        settings = {part.name: load(part.settings, **given, **_own(blueprint.databases[part.name])) for part in PARTS}
        services = {part.name: await _built(part, settings[part.name], blueprint.clock, stack) for part in PARTS}
        by_hand = given["amqp_url"] is None
        gateway_settings = load(GatewaySettings, **given)
        make_room(gateway_settings.max_connections)
        gateway = await build_gateway(gateway_settings, blueprint.clock, fed_by_events=by_hand)
        stack.push_async_callback(gateway.close)

        await _take_up_mails(services)
        carriers = await stack.enter_async_context(event_workers(services, settings, gateway))
        workers = [worker for service in services.values() for worker in service.workers]
        serving = [serve(Tagged(service.app, name), sockets[name]) for name, service in services.items()]
        behind = _started([*serving, *(worker.run() for worker in (*carriers, *workers, *gateway.workers))], stack)
        front = _started([serve_clients(Tagged(gateway.app, "gateway"), listening, gateway.connections)], stack)
        await _until_ready(base_url)
        addresses = {name: url_of(listening) for name, listening in sockets.items()}
        yield Product(base_url, addresses, services, blueprint.databases, blueprint.mailbox, [*behind, *front])


def url_of(listening: socket) -> str:
    """The address by which programs on this machine reach whoever listens there."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _settings(blueprint: Blueprint, base_url: str, sockets: Mapping[str, socket]) -> dict[str, Any]:
    """What all processes are told; each takes what it knows."""
    return {
        "amqp_url": None,
        **blueprint.settings,
        **{f"{name}_url": url_of(listening) for name, listening in sockets.items()},
        "public_url": blueprint.public_url or base_url,
        "mailbox_dir": blueprint.mailbox,
        **({"smtp_url": None} if blueprint.mailbox else {}),
    }


def _own(urls: DatabaseUrls) -> dict[str, str]:
    """What only one service is told."""
    return {"database_url": urls.serving, "database_lookup_url": urls.look_up}


async def _built(part: Part, settings: DatabaseSettings, clock: Clock, stack: AsyncExitStack) -> Service:
    service = await part.build(settings, clock)
    stack.push_async_callback(service.close)
    return service


async def _take_up_mails(services: Mapping[str, Service]) -> None:
    """What a product that was killed had begun to send need not wait until its claims lapse: it was the only one."""
    for name in (part.name for part in PARTS if issubclass(part.settings, MailSettings)):
        async with services[name].database.background() as tx:
            await release_all(tx)


def _started(work: Iterable[Coroutine[Any, Any, None]], stack: AsyncExitStack) -> "list[asyncio.Task[None]]":
    """Let ``work`` go on until the stack unwinds to here."""
    tasks = [asyncio.create_task(each) for each in work]
    stack.push_async_callback(_stop, tasks)
    return tasks


async def _stop(tasks: "Sequence[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_SECONDS)


async def _until_ready(base_url: str) -> None:
    """Return when the gateway says that it and all behind it are ready."""
    last_words = "nothing"
    async with httpx.AsyncClient(
        base_url=base_url, timeout=READY_SECONDS, verify=usual_authorities(), trust_env=False
    ) as client:
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not (answer := await client.get("/readyz")).is_success:
                    last_words = answer.text
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        except (TimeoutError, httpx.HTTPError) as error:
            raise CannotStart(
                f"The gateway did not get ready in {READY_SECONDS:.0f} s. It says: {last_words}"
            ) from error
