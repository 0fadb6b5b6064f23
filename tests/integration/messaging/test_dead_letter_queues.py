"""The dead letters at a broker: looking changes nothing, and what is given back goes to its consumer alone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiormq.abc import DeliveredMessage
from prometheus_client import REGISTRY

from shared.database import Database
from shared.messaging.dead_letters import DeadLetter, Place
from shared.messaging.envelope import Envelope
from shared.messaging.rabbitmq.connection import Connection
from shared.messaging.rabbitmq.dead_letters import DeadLetterQueue
from shared.messaging.rabbitmq.inspection import look_at
from shared.messaging.transport import Unacceptable
from tests.support.carriers import RabbitCarrier
from tests.support.notebook.ears import Ear, a_letter, a_moody_notebook
from tests.support.notebook.facts import noted, text_of
from tests.support.waiting import eventually, until

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
async def carrier(broker: str) -> AsyncIterator[RabbitCarrier]:
    rabbit = RabbitCarrier(broker)
    yield rabbit
    await rabbit.clean_up()


@pytest.fixture
async def connection(broker: str) -> AsyncIterator[Connection]:
    opened = Connection(broker, "an operator")
    yield opened
    await opened.close()


async def parked(carrier: RabbitCarrier, connection: Connection, listener: str = "ear") -> list[DeadLetter]:
    """What an operator sees."""
    async with DeadLetterQueue(connection, carrier.topology, listener).in_hand() as hand:
        return [letter async for letter in hand.letters()]


async def depth(carrier: RabbitCarrier, connection: Connection, listener: str = "ear") -> int:
    found = await look_at(connection, carrier.topology.dead_letters_of(listener))
    assert found
    return found.ready


async def is_parked(carrier: RabbitCarrier, connection: Connection, count: int, listener: str = "ear") -> None:
    async def look() -> bool:
        return await depth(carrier, connection, listener) == count

    await eventually(look, f"{count} dead letters")


async def take_and_die(carrier: RabbitCarrier, listener: str) -> None:
    """As a process does that ends with the message in hand."""
    taken = asyncio.Event()

    async def take(_: DeliveredMessage) -> None:
        taken.set()

    async with carrier.channel() as channel:
        await (await channel.get_underlay_channel()).basic_consume(carrier.topology.queue_of(listener), take)
        await taken.wait()


def texts(letters: list[DeadLetter]) -> list[str]:
    return [text_of(Envelope.from_json(letter.body)) for letter in letters]


def an_ear(*bad: str) -> Ear:
    """Cannot take what is ``bad``, until its failures are cleared."""
    return Ear(failures={text: [Unacceptable("not yet") for _ in range(10)] for text in bad})


async def test_looking_any_number_of_times_changes_neither_number_nor_order(
    carrier: RabbitCarrier, connection: Connection
) -> None:
    bad = [str(number) for number in range(50)]
    ear = an_ear(*bad)
    async with carrier.carrying(ear) as transport:
        await transport.publish([a_letter(text) for text in bad])
        await is_parked(carrier, connection, len(bad))
    for _ in range(carrier.delivery_limit + 2):
        assert texts(await parked(carrier, connection)) == bad
    await is_parked(carrier, connection, len(bad))


async def test_it_says_what_it_is_why_it_is_there_since_when_and_how_often_it_came(
    carrier: RabbitCarrier, connection: Connection
) -> None:
    sent = a_letter("bad")
    async with carrier.carrying(an_ear("bad")) as transport:
        await transport.publish([sent])
        await is_parked(carrier, connection, 1)
    [letter] = await parked(carrier, connection)
    assert (letter.id, letter.type, letter.place) == (str(sent.id), sent.type, Place.QUEUE)
    assert (letter.reason, letter.deliveries) == ("Unacceptable: not yet", 1)
    assert letter.parked_at
    assert letter.parked_at > sent.time
    assert Envelope.from_json(letter.body) == sent


async def test_what_holds_no_event_keeps_its_type_when_it_was_given_back_and_failed_again(
    carrier: RabbitCarrier, connection: Connection
) -> None:
    async with carrier.carrying(Ear()), carrier.channel() as channel:
        await carrier.topology.declare(channel)
        underlay, kind = await channel.get_underlay_channel(), a_letter("any").type
        await underlay.basic_publish(b"no event", exchange=carrier.topology.events, routing_key=kind)
        await is_parked(carrier, connection, 1)
        async with DeadLetterQueue(connection, carrier.topology, "ear").in_hand() as hand:
            async for letter in hand.letters():
                await hand.replay(letter)
        await is_parked(carrier, connection, 1)
        [again] = await parked(carrier, connection)
    assert (again.type, again.body) == (kind, b"no event")


async def test_a_connection_that_was_closed_on_purpose_is_not_reported_as_lost(broker: str) -> None:
    opened = Connection(broker, "for a look")
    for _ in range(2):
        await (await opened.channel()).close()
        assert REGISTRY.get_sample_value("broker_connected", {"connection": "for a look"}) == 1
        await opened.close()
        assert REGISTRY.get_sample_value("broker_connected", {"connection": "for a look"}) is None


async def test_one_is_given_back_to_its_consumer_alone_and_is_gone_from_the_pile(
    carrier: RabbitCarrier, connection: Connection
) -> None:
    ear, other = an_ear("a", "b", "c"), Ear("other")
    async with carrier.carrying(ear, other) as transport:
        await transport.publish([a_letter("a"), a_letter("b"), a_letter("c")])
        await is_parked(carrier, connection, 3)
        await until(lambda: len(other.heard) == 3)
        ear.failures.clear()
        async with DeadLetterQueue(connection, carrier.topology, "ear").in_hand() as hand:
            async for letter in hand.letters():
                if texts([letter]) == ["b"]:
                    await hand.replay(letter)
        await until(lambda: ear.texts == ["b"])
        assert texts(await parked(carrier, connection)) == ["a", "c"]
        await transport.publish([a_letter("a later one")])
        await until(lambda: other.texts[-1] == "a later one")
    assert other.texts == ["a", "b", "c", "a later one"]


async def test_what_is_discarded_is_gone_and_the_rest_stays_in_order(
    carrier: RabbitCarrier, connection: Connection
) -> None:
    async with carrier.carrying(an_ear("a", "b", "c")) as transport:
        await transport.publish([a_letter("a"), a_letter("b"), a_letter("c")])
        await is_parked(carrier, connection, 3)
    async with DeadLetterQueue(connection, carrier.topology, "ear").in_hand() as hand:
        async for letter in hand.letters():
            if texts([letter]) == ["b"]:
                await hand.discard(letter)
    assert texts(await parked(carrier, connection)) == ["a", "c"]


async def test_dying_before_it_is_removed_leaves_it_in_both_places_and_it_takes_effect_once(
    carrier: RabbitCarrier, connection: Connection, hearer: Database
) -> None:
    reluctant = True

    async def mood(text: str) -> None:
        if text == "a" and reluctant:
            raise Unacceptable("not yet")

    consumer = a_moody_notebook(hearer, mood)
    carrier.want({consumer.name: consumer.types})
    pile = DeadLetterQueue(connection, carrier.topology, consumer.name)
    async with carrier.publishing() as transport, carrier.listening(consumer):
        await transport.publish([a_letter("a")])
        await is_parked(carrier, connection, 1, consumer.name)
        reluctant = False
        async with pile.in_hand() as dying:
            async for letter in dying.letters():
                await dying.channel.basic_publish(letter.body, routing_key=carrier.topology.queue_of(consumer.name))
        async with pile.in_hand() as hand:
            async for letter in hand.letters():
                await hand.replay(letter)
        await transport.publish([a_letter("b")])
        await noted(hearer, ["a", "b"])
    assert await parked(carrier, connection, consumer.name) == []


async def test_what_the_broker_itself_has_put_aside_says_so(carrier: RabbitCarrier, connection: Connection) -> None:
    carrier.delivery_limit = 2
    carrier.want({"ear": Ear().types})
    sent = a_letter("nobody answers")
    async with carrier.publishing() as transport:
        await transport.publish([sent])
        for _ in range(carrier.delivery_limit + 1):
            await take_and_die(carrier, "ear")
        await is_parked(carrier, connection, 1)
    [letter] = await parked(carrier, connection)
    assert (letter.id, letter.type, letter.deliveries) == (str(sent.id), sent.type, 3)
    assert "delivery_limit" in letter.reason
    assert letter.parked_at


async def test_what_is_no_event_can_be_shown_and_discarded(carrier: RabbitCarrier, connection: Connection) -> None:
    ear = Ear()
    async with carrier.carrying(ear) as transport:
        await transport.publish([a_letter("a")])
        channel = await (await connection.channel()).get_underlay_channel()
        await channel.basic_publish(b"\xff what?", routing_key=carrier.topology.queue_of("ear"))
        await transport.publish([a_letter("b")])
        await until(lambda: ear.texts == ["a", "b"])
        await is_parked(carrier, connection, 1)
    [letter] = await parked(carrier, connection)
    assert "what?" in letter.whole()["event"]
    async with DeadLetterQueue(connection, carrier.topology, "ear").in_hand() as hand:
        async for each in hand.letters():
            await hand.discard(each)
    assert await parked(carrier, connection) == []


async def test_where_nothing_was_ever_put_aside_there_is_nothing_to_see(
    carrier: RabbitCarrier, connection: Connection
) -> None:
    assert await parked(carrier, connection) == []
