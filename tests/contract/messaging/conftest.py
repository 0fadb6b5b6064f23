"""Each test of the contract runs for both transports."""

from collections.abc import AsyncIterator

import pytest

from tests.support.carriers import Carrier, InProcessCarrier, RabbitCarrier


@pytest.fixture(params=["in process", pytest.param("RabbitMQ", marks=pytest.mark.broker)])
async def carrier(request: pytest.FixtureRequest) -> AsyncIterator[Carrier]:
    """The transport that the contract is held against."""
    if request.param == "in process":
        yield InProcessCarrier()
        return
    rabbit = RabbitCarrier(request.getfixturevalue("broker"))
    yield rabbit
    await rabbit.clean_up()
