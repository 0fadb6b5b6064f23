"""Listens at a queue as long as the process runs, through every loss of the broker."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass

import structlog
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

from shared.messaging.backoff import Backoff
from shared.messaging.envelope import Envelope, MalformedEnvelope
from shared.messaging.handling import Patience
from shared.messaging.lanes import Lanes
from shared.messaging.metrics import DEAD_LETTERS, LISTENING
from shared.messaging.rabbitmq.connection import Connection
from shared.messaging.rabbitmq.messages import deliveries_of, type_of
from shared.messaging.rabbitmq.queues import Queue
from shared.messaging.rabbitmq.subscription import Subscription, subscribed
from shared.messaging.reasons import reason_of
from shared.messaging.transport import Listener
from shared.tasks import apart

BATCH = 100
"""As many events share a transaction."""

SUSPICIOUS = 3
"""A message that came back so often without an answer may be what ends its consumers."""

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0

# After five minutes without the database everything is handed back, to be fetched when the database answers: the
# broker ends the channel of a consumer that does not answer for half an hour, and counts that as a delivery.
PATIENCE = Patience(attempts=10, first_delay=0.1, longest_delay=5.0, outage=300.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """How much to take at once. ``delivery_limit`` is the queue's."""

    prefetch: int = 500
    delivery_limit: int = 20
    patience: Patience = PATIENCE


class QueueConsumer:
    """Brings the messages of ``queue`` to ``listener``; run it beside everything else.

    A message is acknowledged after its effect is durable, or after it was parked. ``listening`` is entered each time
    after the queue was subscribed to and before the first of its events is handled, and left when they stop to come.

    Messages that keep coming back, because their consumer ended with them in hand, are taken one at a time. So the one
    that ends it is at the head when all come back, and is parked long before the broker's delivery limit, which counts
    for all that was in hand, would meet the innocent behind it.
    """

    def __init__(
        self,
        connection: Connection,
        queue: Queue,
        listener: Listener,
        intake: Intake,
        listening: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        self._connection = connection
        self._queue = queue
        self._listener = listener
        self._intake = intake
        self._listening = listening

    async def run(self) -> None:
        """Listen until cancelled; failures are waited out with growing delays."""
        LISTENING.labels(self._listener.name)  # 0 from the start, for whoever waits to be alarmed
        backoff = Backoff(FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS)
        while True:
            began = time.monotonic()
            try:
                await self._listener.ready()
                await apart(self._listen())
            except Exception as error:  # noqa: BLE001 - outlives every failure of the broker and of the listener
                log.warning("listening interrupted", consumer=self._listener.name, reason=reason_of(error))
                if time.monotonic() - began > LONGEST_DELAY_SECONDS:
                    backoff.reset()
                await asyncio.sleep(backoff.delay())

    async def _listen(self) -> None:
        """Listen until that fails."""
        channel = await self._connection.channel()
        try:
            queue, underlay = await self._queue.open(channel), await channel.get_underlay_channel()
            async with (
                subscribed(underlay, queue, self._intake.prefetch) as subscription,
                self._listening(),
                Lanes(self._listener, self._intake.patience) as lanes,
            ):
                with LISTENING.labels(self._listener.name).track_inprogress():
                    await self._take_in(subscription, lanes)
        finally:
            await _close(channel)

    async def _take_in(self, subscription: Subscription, lanes: Lanes) -> None:
        head = True
        while True:
            messages = await subscription.next(BATCH)
            if head and deliveries_of(messages[0]) > self._intake.delivery_limit // 2:
                await self._park(messages.pop(0), subscription, Poison("Each process that took it ended with it."))
            head = False
            if any(deliveries_of(message) >= SUSPICIOUS for message in messages):
                await self._take_singly(messages, subscription, lanes)
            else:
                await lanes.take([event async for event in self._events(messages, subscription)])

    async def _take_singly(
        self, messages: Sequence[DeliveredMessage], subscription: Subscription, lanes: Lanes
    ) -> None:
        log.warning("messages came back again and again", consumer=self._listener.name, count=len(messages))
        for message in messages:
            await lanes.take([event async for event in self._events([message], subscription)])
            await subscription.acknowledge()

    async def _events(
        self, messages: Sequence[DeliveredMessage], subscription: Subscription
    ) -> "AsyncIterator[QueuedEvent]":
        """The events that are in ``messages``. What holds none is parked."""
        for message in messages:
            try:
                envelope = Envelope.from_json(message.body)
            except MalformedEnvelope as error:
                await self._park(message, subscription, error)
            else:
                yield QueuedEvent(envelope, message, subscription, self._queue)

    async def _park(self, message: DeliveredMessage, subscription: Subscription, error: Exception) -> None:
        reason, kind = reason_of(error), type_of(message)
        await self._queue.park(message, reason)
        subscription.settle(message)
        DEAD_LETTERS.labels(self._listener.name, kind).inc()
        named = message.header.properties.message_id
        log.error("message parked", consumer=self._listener.name, event_id=named, type=kind, reason=reason)


class Poison(Exception):
    """A message that was the first in hand each time when a consumer ended."""


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event from a queue."""

    envelope: Envelope
    message: DeliveredMessage
    subscription: Subscription
    queue: Queue

    def settle(self) -> None:
        self.subscription.settle(self.message)

    async def park(self, reason: str) -> None:
        await self.queue.park(self.message, reason)


async def _close(channel: AbstractChannel) -> None:
    with suppress(Exception):  # it may be closed already, or its connection gone
        await channel.close()
