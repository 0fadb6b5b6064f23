"""How fast a fact of auth becomes an effect in invitations."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop

from cli.embedded.databases import GivenServer, urls_on
from cli.embedded.secrets import Secrets
from cli.postgres import EmbeddedPostgres
from shared.clock import utc_now
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from tests.benchmarks.events.load import TENANTS, arrived, memberships, telling
from tests.benchmarks.events.place import SERVICES, Place, Processes, clocked_server, processes
from tests.benchmarks.events.reference import events_per_second
from tests.benchmarks.figures import percentile, show
from tests.e2e.program import up_by_exec
from tests.support.rabbitmq import Node

EVENTS = 20_000
TOGETHER = 100
RATE = 200
LATENCY_EVENTS = 2_000
COLUMNS = ("", "events", "events/s", "of the reference")
pytestmark = pytest.mark.timeout(180)  # with the start and the end of everything, on a busy machine
DELAY_COLUMNS = ("", "p50", "p90", "p99", "max")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with clocked_server(tmp_path_factory.mktemp("events") / "postgres") as server:
        yield server


@pytest.fixture(scope="module")
def reference(own_broker: Node) -> float:
    """Before anything else works on this machine."""
    [event] = memberships(1, TENANTS[0])
    data = event.model_dump(mode="json")
    envelope = Envelope(new_id(), "auth", event.type, event.subject, utc_now(), event.tenant_id, 12345, data)
    return uvloop.run(events_per_second(own_broker.url(), envelope.to_json(), EVENTS))


@pytest.fixture(scope="module")
def place(
    reference: float, server: EmbeddedPostgres, own_broker: Node, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Processes]:
    with processes(server, own_broker.url(), tmp_path_factory.mktemp("logs")) as both:
        uvloop.run(warmed_up(both))
        yield both


def test_throughput(place: Processes, reference: float) -> None:
    rows = [("reference: aio-pika, confirms, 200 in flight", EVENTS, round(reference), "1.00")]
    show("Events from auth to invitations over RabbitMQ", COLUMNS, [*rows, *throughput(place, reference)])


def test_latency(place: Processes) -> None:
    show(f"From commit to effect over RabbitMQ, {RATE} events/s", DELAY_COLUMNS, [delays(place)])


def test_within_one_process(server: EmbeddedPostgres, reference: float, tmp_path: Path) -> None:
    """`sparknode up`."""
    given = GivenServer(server.url("together"))
    with up_by_exec(tmp_path / "home", DATABASE_URL=given.address) as product:
        _ = product.ready()
        urls = urls_on(given, SERVICES, Secrets.of(product.home.secrets).database_password)
        place = Processes(urls["auth"], urls["invitations"], product.program.pid)
        uvloop.run(warmed_up(place))
        show("Events from auth to invitations within one process", COLUMNS, throughput(place, reference))
        show(f"From commit to effect within one process, {RATE} events/s", DELAY_COLUMNS, [delays(place)])


def throughput(place: Processes, reference: float) -> list[tuple[object, ...]]:
    ways = {"told meanwhile": told_meanwhile, "all waiting": all_waiting}
    rates = {what: uvloop.run(measure(place)) for what, measure in ways.items()}
    return [(f"commit to effect, {what}", EVENTS, round(it), f"{it / reference:.2f}") for what, it in rates.items()]


def delays(place: Place) -> list[str]:
    measured = uvloop.run(delays_at(place, RATE, LATENCY_EVENTS))
    return ["", *(f"{percentile(measured, percent):.1f} ms" for percent in (50, 90, 99, 100))]


async def warmed_up(place: Place) -> None:
    async with telling(place.auth) as teller:
        await teller.tell_all(1000, TOGETHER)
    await arrived(place.invitations, 1000)


async def told_meanwhile(place: Processes) -> float:
    """Events per second from the first transaction's begin to the last effect's commit."""
    async with telling(place.auth) as teller:
        began = time.time()
        await teller.tell_all(EVENTS, TOGETHER)
        effects = await arrived(place.invitations, EVENTS)
    return EVENTS / (max(effects.values()) - began)


async def all_waiting(place: Processes) -> float:
    """Events per second from when the relay may begin to the last effect's commit."""
    async with telling(place.auth) as teller:
        with place.auth_held():
            await teller.tell_all(EVENTS, TOGETHER)
        began = time.time()
        effects = await arrived(place.invitations, EVENTS)
    return EVENTS / (max(effects.values()) - began)


async def delays_at(place: Place, rate: float, count: int) -> list[float]:
    """Milliseconds from the return of each commit to the commit of its effect."""
    async with telling(place.auth) as teller:
        told = await teller.tell_at(rate, count)
        effects = await arrived(place.invitations, count)
    return [1000 * (effects[user] - at) for user, at in told.items()]
