"""Events by the broker of all tests."""

from collections.abc import AsyncIterator

import pytest

from tests.support.carriers import RabbitCarrier


@pytest.fixture
async def carrier(broker: str) -> AsyncIterator[RabbitCarrier]:
    """With queues of the test's own, which go with it."""
    rabbit = RabbitCarrier(broker)
    yield rabbit
    await rabbit.clean_up()
