"""What is made at the broker: by everybody, any number of times, and never half."""

import dataclasses

import pytest
from pamqp.commands import Basic
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.contracts.auth import UserEmailVerified
from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.database import Database
from shared.messaging.metrics import UNROUTABLE
from shared.messaging.rabbitmq import RabbitMQ, Topology
from shared.messaging.rabbitmq.publisher import Unroutable
from shared.messaging.rabbitmq.topology import TopologyMismatch
from shared.messaging.relay import Relay
from tests.support.carriers import RabbitCarrier
from tests.support.notebook.ears import Ear, a_letter, a_notebook
from tests.support.notebook.facts import happen, noted
from tests.support.waiting import until

pytestmark = pytest.mark.broker


async def test_declaring_it_again_changes_nothing(carrier: RabbitCarrier) -> None:
    production = Topology.of(SUBSCRIPTIONS)
    carrier.want(production.queues)
    for _ in range(3):
        async with carrier.channel() as channel:
            await carrier.topology.declare(channel)
    async with carrier.publishing() as transport:
        await transport.publish([a_letter("nobody listens to this")])


async def test_a_queue_of_another_kind_is_told_in_a_sentence(carrier: RabbitCarrier) -> None:
    carrier.want({"notebook": frozenset({UserEmailVerified.type})})
    async with carrier.channel() as channel:
        await carrier.topology.declare(channel)
    other = dataclasses.replace(carrier.topology, delivery_limit=7)
    async with carrier.channel() as channel:
        with pytest.raises(TopologyMismatch, match="delete it once it is empty") as told:
            await other.declare(channel)
    assert "x-delivery-limit" in str(told.value)
    assert carrier.topology.queue_of("notebook") in str(told.value)
    assert "EVENTS_DELIVERY_LIMIT" in str(told.value)


async def test_an_event_told_before_its_listener_ever_started_waits_for_it(
    carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    await happen(teller, "early")
    carrier.want({"notebook": a_notebook(hearer).types})
    async with carrier.publishing() as transport:
        await Relay(teller, transport).drain()
    async with carrier.listening(a_notebook(hearer)):
        await noted(hearer, ["early"])


async def test_what_nobody_listens_to_is_published_and_counted(carrier: RabbitCarrier, teller: Database) -> None:
    counted = UNROUTABLE.labels(UserEmailVerified.type)._value.get()
    await happen(teller, "to whom it may concern")
    async with carrier.publishing() as transport:
        assert await Relay(teller, transport).drain() == 1
    assert UNROUTABLE.labels(UserEmailVerified.type)._value.get() == counted + 1


async def test_what_a_queue_is_missing_for_is_noticed_and_waits_until_it_is_there_again(
    carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    carrier.want({"notebook": a_notebook(hearer).types})
    async with carrier.publishing() as transport:
        await transport.publish([a_letter("before")])
        async with carrier.channel() as channel:
            await (await channel.get_queue(carrier.topology.queue_of("notebook"))).delete(
                if_unused=False, if_empty=False
            )
        await happen(teller, "after")
        with pytest.raises(ExceptionGroup) as noticed:
            await Relay(teller, transport).drain()
        assert noticed.group_contains(Unroutable)
        assert await Relay(teller, transport).drain() == 1
    async with carrier.listening(a_notebook(hearer)):
        await noted(hearer, ["after"])


async def test_a_dead_letter_says_where_it_comes_from(carrier: RabbitCarrier) -> None:
    ear = Ear(failures={"bad": [ValueError("bad")] * 100})
    async with carrier.carrying(ear) as transport:
        await transport.publish([letter := a_letter("bad"), a_letter("good")])
        await until(lambda: ear.texts == ["good"])
    async with carrier.channel() as channel:
        queue = await channel.get_queue(carrier.topology.dead_letters_of("ear"))
        message = await queue.get()
    assert message.message_id == str(letter.id)
    assert message.headers["sparknode-consumer"] == "ear"
    assert message.headers["sparknode-reason"] == "ValueError: bad"
    assert message.headers["sparknode-exchange"] == carrier.topology.events
    assert message.headers["sparknode-routing-key"] == UserEmailVerified.type
    assert message.headers["sparknode-parked-at"]


async def test_what_is_no_envelope_is_parked_too(carrier: RabbitCarrier) -> None:
    ear = Ear()
    async with carrier.carrying(ear) as transport, carrier.channel() as channel:
        await carrier.topology.declare(channel)
        underlay = await channel.get_underlay_channel()
        await underlay.basic_publish(
            b"\xff no envelope", exchange=carrier.topology.events, routing_key=UserEmailVerified.type
        )
        await transport.publish([a_letter("good")])
        await until(lambda: ear.texts == ["good"])
        message = await (await channel.get_queue(carrier.topology.dead_letters_of("ear"))).get()
    assert message.body == b"\xff no envelope"
    assert str(message.headers["sparknode-reason"]).startswith("MalformedEnvelope")


async def test_the_log_names_what_is_parked_though_it_holds_no_event(carrier: RabbitCarrier) -> None:
    ear = Ear()
    with capture_logs() as lines:
        async with carrier.carrying(ear) as transport, carrier.channel() as channel:
            await carrier.topology.declare(channel)
            underlay, named = await channel.get_underlay_channel(), Basic.Properties(message_id="the id")
            await underlay.basic_publish(
                b"no envelope",
                exchange=carrier.topology.events,
                routing_key=UserEmailVerified.type,
                properties=named,
            )
            await transport.publish([a_letter("good")])
            await until(lambda: ear.texts == ["good"])
    [line] = [line for line in lines if line["event"] == "message parked"]
    assert (line["event_id"], line["type"]) == ("the id", UserEmailVerified.type)


async def test_a_replica_takes_over_when_the_one_that_receives_ends(carrier: RabbitCarrier) -> None:
    one, other = Ear(), Ear()
    async with carrier.carrying(one) as transport:
        await transport.publish([a_letter("a")])
        await until(lambda: one.texts == ["a"])
        async with carrier.listening(other):
            await transport.publish([a_letter("b")])
            await until(lambda: one.texts == ["a", "b"])
            assert other.texts == []
    async with carrier.publishing() as transport, carrier.listening(other):
        await transport.publish([a_letter("c")])
        await until(lambda: other.texts == ["c"])


async def test_a_process_that_hears_nothing_says_so_though_it_is_connected(carrier: RabbitCarrier) -> None:
    ear = Ear("hard of hearing")

    def listening() -> float | None:
        return REGISTRY.get_sample_value("events_listening", {"consumer": ear.name})

    carrier.want({ear.name: ear.types})
    async with carrier.channel() as channel:
        await carrier.topology.declare(channel)
    with capture_logs() as lines:
        async with dataclasses.replace(carrier, delivery_limit=7).listening(ear):
            await until(lambda: any("TopologyMismatch" in line.get("reason", "") for line in lines))
            assert listening() == 0
    async with carrier.listening(ear):
        await until(lambda: listening() == 1)
    assert listening() == 0


async def test_closing_it_ends_its_connections(broker: str) -> None:
    rabbit = RabbitMQ(broker, "closing", Topology({}, prefix="closing"))
    await rabbit.close()
    await rabbit.transport.publish([])
    await rabbit.close()
