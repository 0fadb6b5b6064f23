"""Whoever is cancelled while it connects leaves no connection at the broker."""

import asyncio
from collections.abc import Awaitable, Generator
from contextlib import suppress
from typing import Any

import pytest

from shared.messaging.rabbitmq.connection import Connection
from tests.support.waiting import until

pytestmark = pytest.mark.broker


class Cancelled:
    """Awaits something, and is cancelled at a step: as what was waited for there has come already."""

    def __init__(self, awaitable: Awaitable[object], step: int) -> None:
        self._awaitable, self._step = awaitable, step
        self.ended_before = False

    def __await__(self) -> Generator[Any, None, None]:
        steps = self._awaitable.__await__()
        try:
            for _ in range(self._step):
                yield next(steps)
        except StopIteration:
            self.ended_before = True
            return
        with suppress(asyncio.CancelledError):
            yield steps.throw(asyncio.CancelledError)
            yield from steps


async def test_cancelled_at_any_step_of_connecting_it_leaves_no_connection(broker: str) -> None:
    before, step, ended_before = asyncio.all_tasks(), 0, False
    while not ended_before:
        step += 1
        connection = Connection(broker, "tests")
        connecting = Cancelled(connection.channel(), step)
        await connecting
        ended_before = connecting.ended_before
        await connection.close()
    assert step > 3
    await until(lambda: asyncio.all_tasks() == before)
