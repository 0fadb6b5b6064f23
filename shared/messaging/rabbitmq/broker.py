"""RabbitMQ as one process uses it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from shared.messaging.rabbitmq.connection import Connection
from shared.messaging.rabbitmq.consumer import Intake, QueueConsumer
from shared.messaging.rabbitmq.inspection import look_at
from shared.messaging.rabbitmq.publisher import RabbitTransport
from shared.messaging.rabbitmq.queues import OwnQueue, ServiceQueue
from shared.messaging.rabbitmq.topology import Topology
from shared.messaging.transport import Listener


class RabbitMQ:
    """A connection to publish on and another one to listen on, each made when it is first needed."""

    def __init__(self, url: str, name: str, topology: Topology) -> None:
        self._publishing = Connection(url, f"sparknode {name} publishes")
        self._listening = Connection(url, f"sparknode {name} listens")
        self._topology = topology
        self.transport = RabbitTransport(self._publishing, topology)

    def consumer(self, listener: Listener, intake: Intake) -> QueueConsumer:
        """Brings a service the events that wait in its queue."""
        queue = ServiceQueue(listener.name, self._topology, self.transport)
        return QueueConsumer(self._listening, queue, listener, intake)

    def own_consumer(
        self, listener: Listener, listening: Callable[[], AbstractAsyncContextManager[None]]
    ) -> QueueConsumer:
        """Brings this process what is told while it listens. ``listening`` makes up for the rest: it is entered each
        time when events have begun to come, before the first is handled, and left when they come no more."""
        queue = OwnQueue(listener.types, self._topology)
        return QueueConsumer(self._listening, queue, listener, Intake(), listening)

    async def dead_letters(self, listener: str) -> int:
        """How many events are put aside in the queue for that; none while there is no such queue."""
        found = await look_at(self._listening, self._topology.dead_letters_of(listener))
        return found.ready if found else 0

    async def close(self) -> None:
        """Close both connections."""
        await self._publishing.close()
        await self._listening.close()
