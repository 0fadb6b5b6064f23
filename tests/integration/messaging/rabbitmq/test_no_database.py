"""The listener's database goes away, and the broker keeps what it cannot take."""

import pytest

from shared.database import Database
from shared.messaging.handling import Patience
from shared.messaging.rabbitmq import Intake
from shared.messaging.relay import Relay
from tests.support.carriers import RabbitCarrier
from tests.support.notebook.ears import Away, a_notebook
from tests.support.notebook.facts import happen, noted
from tests.support.waiting import eventually

pytestmark = pytest.mark.broker


async def test_without_the_listeners_database_events_wait_at_the_broker(
    carrier: RabbitCarrier, teller: Database, hearer: Database
) -> None:
    """None is fetched, and so none counts as delivered, until the database answers."""
    away = Away(a_notebook(hearer))

    async def both_wait() -> bool:
        return await carrier.waiting(away.name) == 2

    await happen(teller, "a", "b")
    async with carrier.carrying(away) as transport:
        await Relay(teller, transport).drain()
        await eventually(both_wait, "two events that nobody fetches")
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
    async with carrier.publishing() as transport, carrier.listening(away, impatient):
        await Relay(teller, transport).drain()
        await noted(hearer, ["a", "b"])
        away.is_back.clear()
        await happen(teller, "c")
        await Relay(teller, transport).drain()
        await eventually(lambda: carrier.waiting(away.name), "what is handed back")
        away.is_back.set()
        await noted(hearer, ["a", "b", "c"])
