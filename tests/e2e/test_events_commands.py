"""`sparknode events`, as an operator meets it at night, with a broker and without one."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Record

from cli.embedded.parts import SCHEMAS
from shared.clock import utc_now
from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenants import TenantSuspended
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from shared.messaging.metrics import HANDLED
from shared.messaging.rabbitmq import Topology
from shared.messaging.rabbitmq.connection import Connection
from shared.messaging.rabbitmq.messages import properties_of
from tests.e2e.conftest import logs_in
from tests.e2e.described import environment_of
from tests.e2e.digest import digest_when_quiet
from tests.e2e.live import live_product
from tests.e2e.program import command, sparknode
from tests.e2e.support import World, eventually
from tests.support.connections import change, connected
from tests.support.databases import Databases

pytestmark = pytest.mark.timeout(180)  # a process of each service for each command

_TELL = "INSERT INTO outbox (id, tenant_id, type, subject, occurred_at, data) VALUES ($1, $2, $3, $2, now(), $4::jsonb)"
_PARK = "INSERT INTO dead_letters (event_id, tenant_id, envelope, reason) VALUES ($1, $2, $3::jsonb, 'Conflict: no')"
_STATUS = "SELECT status FROM tenants WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Night:
    """A product, and an operator with a terminal and its environment."""

    world: World
    home: Path
    amqp_url: str | None

    @property
    def variables(self) -> dict[str, str]:
        """What the operator's shell has."""
        return environment_of(self.world.live) | ({"AMQP_URL": self.amqp_url} if self.amqp_url else {})

    def sparknode(self, *arguments: str, code: int = 0) -> Any:
        """What `sparknode events` says as JSON, if it ends with ``code``."""
        done = command("events", *arguments, "--json", home=self.home, **self.variables)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def owner_url(self, service: str) -> str:
        return self.world.live.product.databases[service].owner

    def value(self, service: str, sql: str, *arguments: object) -> Any:
        async def fetch() -> Any:
            async with connected(self.owner_url(service)) as connection:
                return await connection.fetchval(sql, *arguments)

        return asyncio.run(fetch())

    def tell(self, tenant_id: UUID, data: str) -> UUID:
        """An event that nobody of ours would tell."""
        event_id = new_id()
        told = (event_id, tenant_id, TenantSuspended.type, data)
        asyncio.run(change(self.owner_url("tenants"), _TELL, *told))
        return event_id

    def lay_aside(self, envelope: Envelope) -> None:
        """A dead letter of auth, whose fault is mended by now."""
        if self.amqp_url:
            asyncio.run(_dead_letter(self.amqp_url, envelope))
        else:
            parked = (envelope.id, envelope.tenant_id, envelope.to_json().decode())
            asyncio.run(change(self.owner_url("auth"), _PARK, *parked))

    def digest(self) -> dict[str, str]:
        """What is in all databases but the marks of what is published."""
        urls = {service: self.owner_url(service) for service in self.world.live.product.databases}
        return asyncio.run(digest_when_quiet(urls, besides={"outbox"}))

    def has_heard_everything(self, since: datetime) -> bool:
        """Whether every event from then on is in the inbox of tenants, which wants them all for the audit trail."""
        told = [row for service in self.world.live.product.databases for row in self._rows(service, _TOLD, since)]
        return {row["id"] for row in told} <= {row["id"] for row in self._rows("tenants", _HEARD)}

    def _rows(self, service: str, sql: str, *arguments: object) -> list[Record]:
        return asyncio.run(_rows(self.owner_url(service), sql, *arguments))


_TOLD = "SELECT id FROM outbox WHERE occurred_at >= $1"
_HEARD = "SELECT event_id AS id FROM inbox"


async def _rows(url: str, sql: str, *arguments: object) -> list[Record]:
    async with connected(url) as connection:
        return await connection.fetch(sql, *arguments)


async def _dead_letter(url: str, envelope: Envelope) -> None:
    connection = Connection(url, "a test")
    channel = await (await connection.channel()).get_underlay_channel()
    queue, properties = Topology.of(SUBSCRIPTIONS).dead_letters_of("auth"), properties_of(envelope)
    await channel.basic_publish(envelope.to_json(), routing_key=queue, properties=properties)
    await connection.close()


@pytest.fixture(
    scope="module", params=["in process", pytest.param("broker", marks=[pytest.mark.broker, pytest.mark.slow])]
)
def night(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Night]:
    amqp_url = request.getfixturevalue("product_broker") if request.param == "broker" else None
    urls = {schema.service: asyncio.run(databases.fresh(schema)) for schema in SCHEMAS}
    folder = tmp_path_factory.mktemp("night")
    settings = {"amqp_url": amqp_url}
    with logs_in(folder / "sparknode.log"), live_product(urls, folder / "mailbox", settings) as live:
        world = World.of(live)
        yield Night(world, folder / "home", amqp_url)
        world.close()


def suspension(tenant_id: UUID) -> Envelope:
    event = TenantSuspended(tenant_id=tenant_id, name="Late", slug="late", status=TenantStatus.SUSPENDED)
    data = event.model_dump(mode="json")
    return Envelope(new_id(), "tenants", event.type, tenant_id, utc_now(), tenant_id, 10**9, data)


def test_a_poison_event_is_parked_the_rest_flows_and_the_operator_sees_why(night: Night) -> None:
    """threats.md, "Nothing lost": a poison message."""
    customer = night.world.new_customer()
    poison = str(night.tell(UUID(customer.id), '{"name": "half an event"}'))
    night.world.new_customer()  # whose owner has joined, by events behind the poison

    def all_have_parked_it() -> Any:
        letters = night.sparknode("dead-letters", "list")
        return letters if len(letters) == 3 else None

    letters = eventually(all_have_parked_it, "the dead letters")
    services_of = {(letter["id"], letter["service"]) for letter in letters}
    assert services_of == {(poison, name) for name in ("auth", "tenants", "invitations")}
    assert all("ValidationError: tenant_id" in letter["reason"] for letter in letters)
    services = {each["service"]: each for each in night.sparknode("status", code=1)["services"]}
    assert [services[name]["dead_letters"] for name in ("auth", "tenants", "invitations")] == [1, 1, 1]
    assert services["auth"]["outbox_depth"] == services["tenants"]["outbox_depth"] == 0

    asked = sparknode("events", "dead-letters", "discard", "--all", home=night.home, **night.variables)
    assert (asked.returncode, "Discard 3 dead letters for good (1 of auth, 1 of " in asked.stderr) == (1, True), asked
    gone = night.sparknode("dead-letters", "discard", "--all", "--yes")
    assert {letter["service"] for letter in gone} == {"auth", "tenants", "invitations"}
    again = sparknode("events", "dead-letters", "discard", poison, home=night.home, **night.variables)
    assert (again.returncode, again.stdout, again.stderr.strip()) == (1, "", f"There is no dead letter {poison}.")


def test_a_dead_letter_whose_fault_is_mended_takes_effect_in_its_service_alone(night: Night) -> None:
    customer = UUID(night.world.new_customer().id)
    late = suspension(customer)
    night.lay_aside(late)
    [given_back] = night.sparknode("dead-letters", "replay", str(late.id))
    assert (given_back["service"], given_back["outcome"]) == ("auth", "given back")
    eventually(lambda: night.value("auth", _STATUS, customer) == "suspended", "the effect")
    assert night.value("invitations", _STATUS, customer) == "active"


def test_what_is_not_said_clearly_is_refused(tmp_path: Path) -> None:
    done = command("events", "dead-letters", "replay", home=tmp_path)
    assert (done.returncode, "--all" in done.stderr) == (1, True), done


def test_sending_everything_again_twice_changes_nothing(night: Night) -> None:
    since = utc_now()
    customer = night.world.new_customer()
    night.world.member(customer, "hr")
    eventually(partial(night.has_heard_everything, since), "the audit trail")
    before, first = night.digest(), handled()
    heard = {event.type for event in SUBSCRIPTIONS["auth"]}
    for round_number in (1, 2):
        sent = night.sparknode("replay", "--since", since.isoformat())
        again = sum(line["events"] for line in sent if line["type"] in heard)
        assert again
        eventually(partial(reached, first + round_number * again), "the events")
        assert night.digest() == before


def handled() -> float:
    """How many events auth has taken in since this process began, those that it knew included."""
    return float(HANDLED.labels("auth")._value.get())


def reached(count: float) -> bool:
    return handled() >= count


def test_where_nothing_is_described_it_says_how(tmp_path: Path) -> None:
    done = command("events", "status", home=tmp_path)
    assert done.returncode == 1
    assert "sparknode up" in done.stderr
    assert "AUTH_DATABASE_URL" in done.stderr
