"""The broker goes away, and comes back: requests go on, events wait, nothing is lost, doubled or reordered."""

import asyncio
from collections.abc import Callable

import pytest

from shared.database import Database
from shared.messaging.housekeeping import Housekeeping
from shared.messaging.metrics import OUTBOX_DEPTH
from shared.messaging.relay import Relay
from tests.support.background import in_background
from tests.support.carriers import RabbitCarrier
from tests.support.notebook.ears import a_notebook
from tests.support.notebook.facts import happen, noted
from tests.support.rabbitmq import Node
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.broker, pytest.mark.timeout(300)]

BACK_SECONDS = 60.0
_WAITING = "SELECT count(*) FROM outbox WHERE published_at IS NULL"


async def waiting(teller: Database) -> int:
    """How many events are not published, as far as the teller knows."""
    async with teller.look_up() as rows:
        return int(await rows.fetchval(_WAITING))


async def published(teller: Database) -> None:
    """Return when none waits. The effect of an event may come before the broker's word that it has it."""

    async def none_waits() -> bool:
        return await waiting(teller) == 0

    await eventually(none_waits, "an empty outbox", BACK_SECONDS)


async def blocks(node: Node) -> bool:
    """Whether the broker has stopped to read from one of those who publish: it takes the first message of each."""
    return "blocked" in (await asyncio.to_thread(node.ctl, "list_connections", "--no-table-headers", "state")).split()


@pytest.mark.parametrize("end", [Node.stop, Node.kill], ids=["stopped", "killed"])
async def test_events_wait_while_the_broker_is_away(
    own_broker: Node, own_carrier: RabbitCarrier, teller: Database, hearer: Database, end: Callable[[Node], None]
) -> None:
    texts = [str(n) for n in range(60)]
    async with own_carrier.carrying(a_notebook(hearer)) as transport, in_background(Relay(teller, transport).run()):
        await happen(teller, *texts[:20])
        await noted(hearer, texts[:20])
        await published(teller)
        await asyncio.to_thread(own_broker.settle)
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
    await asyncio.to_thread(own_broker.settle)
    await asyncio.to_thread(own_broker.kill)
    await asyncio.to_thread(own_broker.start)
    async with own_carrier.listening(a_notebook(hearer)):
        await noted(hearer, texts)


async def test_cut_connections_lose_and_double_nothing(
    own_broker: Node, own_carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    texts = [str(n) for n in range(300)]
    async with own_carrier.carrying(a_notebook(hearer)) as transport, in_background(Relay(teller, transport).run()):
        for first in range(0, len(texts), 50):
            await happen(teller, *texts[first : first + 50])
            await asyncio.to_thread(own_broker.cut)
        await noted(hearer, texts, seconds=BACK_SECONDS)


async def test_a_broker_that_is_short_of_disk_is_waited_for(
    own_broker: Node, own_carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    texts = [str(n) for n in range(40)]
    async with own_carrier.carrying(a_notebook(hearer)) as transport, in_background(Relay(teller, transport).run()):
        await happen(teller, *texts[:20])
        await noted(hearer, texts[:20])
        await published(teller)
        await asyncio.to_thread(own_broker.ctl, "set_disk_free_limit", "90000GB")
        await happen(teller, *texts[20:])
        await eventually(lambda: blocks(own_broker), "a publisher that is kept waiting", BACK_SECONDS)
        assert await waiting(teller) == 20
        await asyncio.to_thread(own_broker.ctl, "set_disk_free_limit", "50MB")
        await noted(hearer, texts, seconds=BACK_SECONDS)
