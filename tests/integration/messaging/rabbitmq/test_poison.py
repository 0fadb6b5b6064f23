"""A message that ends each process that takes it is put aside, and the innocent around it are not."""

import asyncio

import pytest

from shared.database import Database
from shared.messaging.consumer import Consumer
from shared.messaging.rabbitmq import Intake
from shared.messaging.relay import Relay
from tests.support.carriers import PATIENCE, RabbitCarrier
from tests.support.notebook.ears import a_moody_notebook
from tests.support.notebook.facts import happen, notes
from tests.support.waiting import eventually

pytestmark = pytest.mark.broker

INNOCENT = [str(n) for n in range(30)]


class Killed(BaseException):
    """As a SIGKILL, or the end of memory, would."""


async def die_of_poison(text: str) -> None:
    if text == "poison":
        raise Killed


async def lives(carrier: RabbitCarrier, consumer: Consumer, intake: Intake) -> int:
    """How many processes it took until every innocent event had taken effect."""
    for number in range(1, 40):
        async with carrier.listening(consumer, intake) as process:

            async def is_over(process: "asyncio.Task[None]" = process) -> bool:
                return process.done() or await notes(consumer.database) == INNOCENT

            await eventually(is_over, "an end")
        if await notes(consumer.database) == INNOCENT:
            return number
    raise AssertionError(f"It never ends: {await notes(consumer.database)}")


async def publish(carrier: RabbitCarrier, teller: Database, consumer: Consumer) -> None:
    await happen(teller, *INNOCENT[:10], "poison", *INNOCENT[10:])
    carrier.want({consumer.name: consumer.types})
    async with carrier.publishing() as transport:
        await Relay(teller, transport).drain()


async def test_poison_is_parked_and_the_rest_flows(carrier: RabbitCarrier, teller: Database, hearer: Database) -> None:
    consumer = a_moody_notebook(hearer, die_of_poison)
    await publish(carrier, teller, consumer)
    assert await lives(carrier, consumer, Intake(50, carrier.delivery_limit, PATIENCE)) <= carrier.delivery_limit
    assert await carrier.dead_letters(consumer) == [("poison", "Poison: Each process that took it ended with it.")]


async def test_the_brokers_own_limit_parks_it_too(carrier: RabbitCarrier, teller: Database, hearer: Database) -> None:
    """Should we ever be too patient."""
    carrier.delivery_limit = 5
    consumer = a_moody_notebook(hearer, die_of_poison)
    await publish(carrier, teller, consumer)
    await lives(carrier, consumer, Intake(1, 1000, PATIENCE))
    assert ("poison", "delivery_limit") in await carrier.dead_letters(consumer)
