"""Whoever is cancelled ends, whatever happens at that moment, and leaves no connection at the broker."""

import asyncio
from collections.abc import Awaitable, Generator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from shared.messaging.envelope import Envelope
from shared.messaging.rabbitmq.connection import Connection
from tests.support.carriers import RabbitCarrier
from tests.support.notebook.ears import Ear, a_letter
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


class Unfinished(Ear):
    """Takes an event, and needs time to give it up."""

    def __init__(self) -> None:
        super().__init__()
        self.took, self.given_up = asyncio.Event(), asyncio.Event()

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        self.took.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.given_up.set()
            await asyncio.Event().wait()


async def test_a_listener_ends_though_it_loses_its_queue_at_that_moment(carrier: RabbitCarrier) -> None:
    """A process that stops as its broker does would listen on until it is killed."""
    ear = Unfinished()
    carrier.want({ear.name: ear.types})
    async with carrier.publishing() as transport, carrier.listening(ear) as listening:
        await transport.publish([a_letter("a")])
        await ear.took.wait()
        async with carrier.channel() as channel:
            queue = await channel.get_queue(carrier.topology.queue_of(ear.name))
            await queue.delete(if_unused=False, if_empty=False)
        await ear.given_up.wait()
        listening.cancel()
        await until(listening.done)
    assert listening.cancelled()
