"""The two kinds of queue that one can listen at: a service's, where events wait, and a process's own."""

from dataclasses import dataclass
from typing import Protocol

import structlog
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

from shared.messaging.rabbitmq.publisher import RabbitTransport
from shared.messaging.rabbitmq.topology import Topology

log = structlog.get_logger(__name__)


class Queue(Protocol):
    """Where a listener's events come from."""

    async def open(self, channel: AbstractChannel) -> str:
        """Make sure that it is there; its name."""

    async def park(self, message: DeliveredMessage, reason: str) -> None:
        """Put aside what cannot take effect; return when it is safe there."""


@dataclass(frozen=True, slots=True)
class ServiceQueue:
    """The durable queue of a service, shared by its replicas; one of them receives at a time."""

    listener: str
    topology: Topology
    transport: RabbitTransport

    async def open(self, channel: AbstractChannel) -> str:
        await self.topology.declare(channel)
        return self.topology.queue_of(self.listener)

    async def park(self, message: DeliveredMessage, reason: str) -> None:
        await self.transport.park(message, consumer=self.listener, reason=reason)


@dataclass(frozen=True, slots=True)
class OwnQueue:
    """The queue of one process, which goes with its connection. Whoever listens here misses what it was not there
    for, and has another way to learn of it."""

    types: frozenset[str]
    topology: Topology

    async def open(self, channel: AbstractChannel) -> str:
        events = await self.topology.declare_events(channel)
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        for event_type in sorted(self.types):
            await queue.bind(events, event_type)
        return queue.name

    async def park(self, message: DeliveredMessage, reason: str) -> None:
        log.error("event left aside", event_id=message.header.properties.message_id, reason=reason)
