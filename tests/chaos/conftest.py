"""Events by a broker that one can pull the plug of."""

from collections.abc import AsyncIterator

import pytest

from tests.support.carriers import RabbitCarrier
from tests.support.rabbitmq import Node


@pytest.fixture
async def carrier(broker: str) -> AsyncIterator[RabbitCarrier]:
    """By the broker of all tests."""
    rabbit = RabbitCarrier(broker)
    yield rabbit
    await rabbit.clean_up()


@pytest.fixture
def own_carrier(own_broker: Node) -> RabbitCarrier:
    """By a broker of this module's own. What the test makes there goes with it."""
    return RabbitCarrier(own_broker.url())
