"""Both transports, each with its listeners and with what they have put aside: what the contract is held against."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from aio_pika.abc import AbstractChannel

from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.handling import Patience
from shared.messaging.in_process import InProcessTransport
from shared.messaging.rabbitmq import Intake, RabbitMQ, Topology
from shared.messaging.rabbitmq.connection import Connection
from shared.messaging.rabbitmq.messages import REASON
from shared.messaging.transport import Listener, Transport
from tests.support.notebook.facts import text_of

PATIENCE = Patience(attempts=4, first_delay=0.02, longest_delay=0.1)
"""So that no test waits for seconds."""

DeadLetters = list[tuple[str, str]]
"""What is parked: the text of each fact, and why."""


class Carrier(Protocol):
    """A transport, set up for some listeners."""

    def carrying(self, *listeners: Listener) -> AbstractAsyncContextManager[Transport]:
        """A transport that brings events to ``listeners`` while the block lasts."""

    async def dead_letters(self, consumer: Consumer) -> DeadLetters:
        """What ``consumer`` could not take."""


@dataclass(slots=True)
class InProcessCarrier:
    """From hand to hand."""

    @asynccontextmanager
    async def carrying(self, *listeners: Listener) -> AsyncIterator[Transport]:
        yield InProcessTransport(listeners, PATIENCE)

    async def dead_letters(self, consumer: Consumer) -> DeadLetters:
        async with consumer.database.look_up() as rows:
            parked = await rows.fetch("SELECT envelope, reason FROM dead_letters ORDER BY parked_at")
        envelopes = [Envelope.from_json(json.dumps(row["envelope"]).encode()) for row in parked]
        return [(text_of(envelope), row["reason"]) for envelope, row in zip(envelopes, parked, strict=True)]


@dataclass(slots=True)
class RabbitCarrier:
    """By a broker, with queues of this test's own."""

    url: str
    delivery_limit: int = 20
    prefix: str = field(default_factory=lambda: f"test-{uuid4().hex[:8]}")
    _wanted: dict[str, frozenset[str]] = field(default_factory=dict)

    @asynccontextmanager
    async def carrying(self, *listeners: Listener) -> AsyncIterator[Transport]:
        self.want({listener.name: listener.types for listener in listeners})
        async with AsyncExitStack() as stack:
            transport = await stack.enter_async_context(self.publishing())
            for listener in listeners:
                _ = await stack.enter_async_context(self.listening(listener))
            yield transport

    def want(self, queues: Mapping[str, frozenset[str]]) -> None:
        """From now on there are these queues too."""
        self._wanted |= queues

    @property
    def topology(self) -> Topology:
        """All that is wanted, as every party declares it."""
        return Topology(self._wanted, self.delivery_limit, self.prefix)

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[Transport]:
        """A publisher that has declared the queues, and comes before those who listen.

        Who declares a quorum queue that another declares just then is told that it exists, and what they publish is
        refused until it has started. The relay tries again; a test that publishes once would fail now and then.
        """
        broker = RabbitMQ(self.url, "test", self.topology)
        await broker.transport.publish([])
        yield broker.transport
        await broker.close()

    @asynccontextmanager
    async def listening(self, listener: Listener, intake: Intake | None = None) -> AsyncIterator["asyncio.Task[None]"]:
        """A process that listens; the task ends only when the process would."""
        broker = RabbitMQ(self.url, "test", self.topology)
        intake = intake or Intake(50, self.delivery_limit, PATIENCE)
        task = asyncio.ensure_future(broker.consumer(listener, intake).run())
        try:
            yield task
        finally:
            task.cancel()
            with suppress(BaseException):  # also what killed it
                await task
            await broker.close()

    async def dead_letters(self, consumer: Consumer) -> DeadLetters:
        return [(text_of(envelope), reason) for envelope, reason in await self.parked(consumer.name)]

    async def waiting(self, listener: str) -> int:
        """How many events wait in the queue, in nobody's hand."""
        async with self.channel() as channel:
            queue = await channel.declare_queue(self.topology.queue_of(listener), passive=True)
            return queue.declaration_result.message_count or 0

    async def parked(self, listener: str) -> list[tuple[Envelope, str]]:
        """The dead letters, each with the reason that we, or the broker, gave."""
        async with self.channel() as channel:
            queue = await channel.get_queue(self.topology.dead_letters_of(listener))
            found = []
            while message := await queue.get(fail=False):
                death = message.headers.get("x-first-death-reason")
                found.append((Envelope.from_json(message.body), str(message.headers.get(REASON, death))))
        return found

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[AbstractChannel]:
        """A channel for looking around; what was fetched and not acknowledged goes back."""
        connection = Connection(self.url, "test looks around")
        yield await connection.channel()
        await connection.close()

    async def clean_up(self) -> None:
        """Take away all that this test has made."""
        async with self.channel() as channel:
            underlay = await channel.get_underlay_channel()
            for name in self._wanted:
                await underlay.queue_delete(self.topology.queue_of(name))
                await underlay.queue_delete(self.topology.dead_letters_of(name))
            for exchange in (self.topology.events, self.topology.dead_letters):
                await underlay.exchange_delete(exchange)
