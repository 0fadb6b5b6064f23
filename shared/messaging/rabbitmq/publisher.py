"""The transport that hands events to RabbitMQ, and returns when RabbitMQ has them safe."""

import asyncio
from collections.abc import Sequence
from typing import cast

import aiormq
import structlog
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import PublishError

from shared.messaging.envelope import Envelope
from shared.messaging.metrics import UNROUTABLE
from shared.messaging.rabbitmq.connection import BrokerUnavailable, Connection
from shared.messaging.rabbitmq.messages import dead_properties, properties_of
from shared.messaging.rabbitmq.topology import Topology

CONFIRM_SECONDS = 30.0

log = structlog.get_logger(__name__)


class Unroutable(Exception):
    """The broker had no queue for an event that somebody must not miss."""


class RabbitTransport:
    """Publishes on one channel with confirms, all of a batch in flight at once, and mandatory.

    What no queue wants is a failure if the topology knows a listener for it; then the topology is declared again
    before the next attempt. Otherwise it is counted, and done.
    """

    def __init__(self, connection: Connection, topology: Topology) -> None:
        self._connection = connection
        self._topology = topology
        self._channel: AbstractChannel | None = None
        self._opening = asyncio.Lock()

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        channel = await self._ready_channel()
        sending = [asyncio.ensure_future(self._publish(channel, envelope)) for envelope in envelopes]
        try:
            await self._confirmed(sending)
        except BaseException:
            # What is still under way must not arrive among what comes after it.
            await self._give_up(sending)
            raise

    async def park(self, message: DeliveredMessage, *, consumer: str, reason: str) -> None:
        """Put the message in the consumer's dead-letter queue; return when it is safe there."""
        channel = await (await self._ready_channel()).get_underlay_channel()
        await channel.basic_publish(
            message.body,
            exchange=self._topology.dead_letters,
            routing_key=consumer,
            properties=dead_properties(message, consumer=consumer, reason=reason),
            mandatory=True,
        )

    async def _ready_channel(self) -> AbstractChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                channel = await self._connection.channel(on_return_raises=True)
                await self._topology.declare(channel)
                self._channel = channel
            return self._channel

    async def _publish(self, channel: AbstractChannel, envelope: Envelope) -> None:
        # aio-pika's own layer would make more objects for each message, and wait for the socket each time.
        underlay = cast(aiormq.Channel, await channel.get_underlay_channel())
        try:
            await underlay.basic_publish(
                envelope.to_json(),
                exchange=self._topology.events,
                routing_key=envelope.type,
                properties=properties_of(envelope),
                mandatory=True,
                wait=False,
            )
        except PublishError as error:
            UNROUTABLE.labels(envelope.type).inc()
            if self._topology.has_queue_for(envelope.type):
                raise Unroutable(f"no queue took {envelope.type}") from error

    async def _confirmed(self, sending: "Sequence[asyncio.Future[None]]") -> None:
        """Return when all are confirmed. A broker that is short of memory or disk is waited for."""
        waiting: set[asyncio.Future[None]] = set(sending)
        while waiting:
            done, waiting = await asyncio.wait(waiting, timeout=CONFIRM_SECONDS)
            if not done:
                await self._excused()
        if failures := [error for future in sending if isinstance(error := future.exception(), Exception)]:
            raise ExceptionGroup("events not published", failures[:3])

    async def _excused(self) -> None:
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                await self._connection.takes_messages()
        except TimeoutError:
            log.warning("the broker takes no messages", reason="it is short of memory or disk")
        else:
            raise BrokerUnavailable(f"The broker confirmed nothing for {CONFIRM_SECONDS:.0f} s.")

    async def _give_up(self, sending: "Sequence[asyncio.Future[None]]") -> None:
        channel, self._channel = self._channel, None
        for future in sending:
            future.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        if channel and not channel.is_closed:
            await channel.close()
