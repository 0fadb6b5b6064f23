"""The broker goes away, and comes back: requests go on, events wait, nothing is lost, doubled or reordered."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from shared.database import Database
from shared.messaging.handling import Patience
from shared.messaging.housekeeping import Housekeeping
from shared.messaging.metrics import OUTBOX_DEPTH
from shared.messaging.rabbitmq import Intake
from shared.messaging.relay import Relay
from shared.messaging.transport import Transport
from tests.support.carriers import RabbitCarrier
from tests.support.notebook.ears import Away, a_notebook
from tests.support.notebook.facts import happen, noted, notes
from tests.support.rabbitmq import Node
from tests.support.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

BACK_SECONDS = 30.0
OLD_ENOUGH_SECONDS = 1.5
"""A quorum queue of RabbitMQ 3.10 that is not a second old when the broker is killed does not come back."""


@asynccontextmanager
async def relaying(teller: Database, transport: Transport) -> AsyncIterator[None]:
    task = asyncio.ensure_future(Relay(teller, transport).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("end", [Node.stop, Node.kill], ids=["stopped", "killed"])
async def test_events_wait_while_the_broker_is_away(
    own_broker: Node, own_carrier: RabbitCarrier, teller: Database, hearer: Database, end: Callable[[Node], None]
) -> None:
    texts = [str(n) for n in range(60)]
    async with own_carrier.carrying(a_notebook(hearer)) as transport, relaying(teller, transport):
        await happen(teller, *texts[:20])
        await noted(hearer, texts[:20])
        await asyncio.sleep(OLD_ENOUGH_SECONDS)
        await asyncio.to_thread(end, own_broker)
        for text in texts[20:40]:
            await happen(teller, text)
        await Housekeeping(teller).measure()
        assert OUTBOX_DEPTH.labels("notebook")._value.get() == 20
        await asyncio.to_thread(own_broker.start)
        await noted(hearer, texts[:40], seconds=BACK_SECONDS)
        await happen(teller, *texts[40:])
        await noted(hearer, texts)


async def test_what_had_reached_the_broker_survives_its_death(
    own_broker: Node, own_carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    texts = [str(n) for n in range(100)]
    own_carrier.want({"notebook": a_notebook(hearer).types})
    await happen(teller, *texts)
    async with own_carrier.publishing() as transport:
        assert await Relay(teller, transport).drain() == 100
    await asyncio.sleep(OLD_ENOUGH_SECONDS)
    await asyncio.to_thread(own_broker.kill)
    await asyncio.to_thread(own_broker.start)
    async with own_carrier.listening(a_notebook(hearer)):
        await noted(hearer, texts)


async def test_cut_connections_lose_and_double_nothing(
    own_broker: Node, own_carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    texts = [str(n) for n in range(300)]
    async with own_carrier.carrying(a_notebook(hearer)) as transport, relaying(teller, transport):
        for first in range(0, len(texts), 50):
            await happen(teller, *texts[first : first + 50])
            await asyncio.to_thread(own_broker.cut)
        await noted(hearer, texts, seconds=BACK_SECONDS)


async def test_a_broker_that_is_short_of_disk_is_waited_for(
    own_broker: Node, own_carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    texts = [str(n) for n in range(40)]
    async with own_carrier.carrying(a_notebook(hearer)) as transport, relaying(teller, transport):
        await happen(teller, *texts[:20])
        await noted(hearer, texts[:20])
        await asyncio.to_thread(own_broker.ctl, "set_disk_free_limit", "90000GB")
        await happen(teller, *texts[20:])
        await asyncio.sleep(0.5)
        assert await notes(hearer) == texts[:20]
        await asyncio.to_thread(own_broker.ctl, "set_disk_free_limit", "50MB")
        await noted(hearer, texts, seconds=BACK_SECONDS)


async def test_without_the_listeners_database_events_wait_at_the_broker(
    carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    """None is fetched, and so none counts as delivered, until the database answers."""
    away = Away(a_notebook(hearer))
    await happen(teller, "a", "b")
    async with carrier.carrying(away) as transport:
        await Relay(teller, transport).drain()
        await asyncio.sleep(0.2)
        assert await carrier.waiting(away.name) == 2
        away.is_back.set()
        await noted(hearer, ["a", "b"])


async def test_in_a_long_outage_everything_is_handed_back_and_fetched_again(
    carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    """The broker would end a consumer that does not answer for half an hour, and count each time."""
    away = Away(a_notebook(hearer))
    away.is_back.set()
    impatient = Intake(patience=Patience(first_delay=0.02, longest_delay=0.02, outage=0.2))
    await happen(teller, "a", "b")
    carrier.want({away.name: away.types})
    async with carrier.listening(away, impatient), carrier.publishing() as transport:
        await Relay(teller, transport).drain()
        await noted(hearer, ["a", "b"])
        away.is_back.clear()
        await happen(teller, "c")
        await Relay(teller, transport).drain()
        await eventually(lambda: carrier.waiting(away.name), "what is handed back")
        away.is_back.set()
        await noted(hearer, ["a", "b", "c"])
