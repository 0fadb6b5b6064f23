"""Looking at a queue without touching what is in it."""

from contextlib import suppress
from dataclasses import dataclass

from aio_pika.exceptions import ChannelNotFoundEntity

from shared.messaging.rabbitmq.connection import Connection


@dataclass(frozen=True, slots=True)
class QueueState:
    """``ready``: messages in nobody's hand. ``consumers``: how many listen, those that stand by included."""

    ready: int
    consumers: int


async def look_at(connection: Connection, queue: str) -> QueueState | None:
    """How ``queue`` is; ``None`` when there is none. ``BrokerUnavailable`` when nobody can say."""
    channel = await connection.channel()
    try:
        found = (await channel.declare_queue(queue, passive=True)).declaration_result
    except ChannelNotFoundEntity:
        return None
    finally:
        with suppress(Exception):  # the broker has closed it, if there is no such queue
            await channel.close()
    return QueueState(found.message_count or 0, found.consumer_count or 0)
