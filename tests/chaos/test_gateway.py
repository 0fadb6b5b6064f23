"""Gateways listen with a queue of their own, and know what happened while they could not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from gateway.problems import InvalidToken
from gateway.revocations.feed import RevocationDocument, RevocationListener, RevocationReload, RevokedSession
from gateway.revocations.memory import Revocations
from shared.clock import utc_now
from shared.contracts.auth import SessionRevoked
from shared.contracts.caller import Caller
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from shared.messaging.rabbitmq import RabbitMQ
from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import running
from tests.support.api_keys import api_keys
from tests.support.background import in_background
from tests.support.callers import a_caller
from tests.support.carriers import RabbitCarrier
from tests.support.rabbitmq import Node
from tests.support.servers import serving
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.broker, pytest.mark.timeout(120)]

LATER = utc_now() + timedelta(minutes=10)


@dataclass(slots=True)
class Gate:
    """What a gateway knows of revocations, and an auth that answers when ``auth_answers``."""

    revocations: Revocations = field(default_factory=lambda: Revocations(utc_now))
    listed: list[Caller] = field(default_factory=list)
    auth_answers: asyncio.Event = field(default_factory=asyncio.Event)
    auth_was_asked: bool = False
    reload: RevocationReload = field(init=False)

    def __post_init__(self) -> None:
        self.reload = RevocationReload(self.revocations, self.fetch, fed_by_events=False)
        self.auth_answers.set()

    async def fetch(self) -> RevocationDocument:
        self.auth_was_asked = True
        await self.auth_answers.wait()
        sessions = [RevokedSession(id=who.session_id, until=LATER) for who in self.listed if who.session_id]
        return RevocationDocument(sessions=sessions, tenants=[])

    def refuses(self, caller: Caller) -> bool:
        try:
            self.revocations.refuse(caller)
        except InvalidToken:
            return True
        return False

    @asynccontextmanager
    async def listening(self, carrier: RabbitCarrier) -> AsyncIterator[None]:
        broker = RabbitMQ(carrier.url, "gateway", carrier.topology)
        listener = RevocationListener(self.revocations, api_keys())
        try:
            async with in_background(broker.own_consumer(listener, self.reload.fed).run()):
                yield
        finally:
            await broker.close()


def sign_out(caller: Caller) -> Envelope:
    assert caller.session_id
    event = SessionRevoked(session_id=caller.session_id, user_id=caller.subject, reason="logout", dead_until=LATER)
    data = event.model_dump(mode="json")
    return Envelope(new_id(), "auth", event.type, event.subject, utc_now(), caller.tenant_id, 1, data)


async def test_every_gateway_hears_of_it_at_once(carrier: RabbitCarrier) -> None:
    gates, caller = [Gate(), Gate()], a_caller(new_id())
    async with carrier.publishing() as transport, gates[0].listening(carrier), gates[1].listening(carrier):
        await until(lambda: all(gate.reload.fed_by_events for gate in gates))
        await transport.publish([sign_out(caller)])
        await until(lambda: all(gate.refuses(caller) for gate in gates), seconds=2)


async def test_it_counts_as_fed_only_after_the_list_and_what_comes_meanwhile_is_not_lost(
    carrier: RabbitCarrier,
) -> None:
    gate, before, meanwhile = Gate(), a_caller(new_id()), a_caller(new_id())
    gate.listed.append(before)
    gate.auth_answers.clear()
    async with carrier.publishing() as transport, gate.listening(carrier):
        await until(lambda: gate.auth_was_asked)
        await transport.publish([sign_out(meanwhile)])
        assert not gate.reload.fed_by_events
        gate.auth_answers.set()
        await until(lambda: gate.reload.fed_by_events)
        assert gate.refuses(before)
        await until(lambda: gate.refuses(meanwhile))


async def test_after_a_cut_it_asks_for_what_it_missed(own_broker: Node, own_carrier: RabbitCarrier) -> None:
    gate, missed = Gate(), a_caller(new_id())
    async with gate.listening(own_carrier):
        await until(lambda: gate.reload.fed_by_events)
        gate.auth_answers.clear()
        await asyncio.to_thread(own_broker.cut)
        await until(lambda: not gate.reload.fed_by_events)
        gate.listed.append(missed)
        gate.auth_answers.set()
        await until(lambda: gate.reload.fed_by_events)
        assert gate.refuses(missed)


async def test_it_leaves_nothing_at_the_broker(own_broker: Node, own_carrier: RabbitCarrier) -> None:
    gate = Gate()
    async with gate.listening(own_carrier):
        await until(lambda: gate.reload.fed_by_events)
        assert await queues(own_broker) == 1
    assert await queues(own_broker) == 0


async def test_a_gateway_says_whether_it_hears_and_serves_without(own_broker: Node) -> None:
    backend = Backend()
    async with (
        serving(backend) as services,
        running(services, backend, amqp_url=own_broker.url()) as front,
    ):

        async def broker_is(state: str) -> bool:
            checks = (await front.http.get("/readyz")).json()["checks"]
            return bool(checks["broker"] == state)

        await front.until(lambda: broker_is("ok"))
        await asyncio.to_thread(own_broker.stop)
        await front.until(lambda: broker_is("broker_unavailable"))
        assert (await front.http.get("/readyz")).status_code == 200
        assert (await front.http.get("/api/users", headers=front.bearer())).status_code == 200
        await asyncio.to_thread(own_broker.start)
        await front.until(lambda: broker_is("ok"))


async def queues(node: Node) -> int:
    """How many there are."""
    listed = await asyncio.to_thread(node.ctl, "-p", node.vhosts[0], "list_queues", "--no-table-headers", "name")
    return len(listed.splitlines())
