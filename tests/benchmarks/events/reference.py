"""What the driver alone does on this machine: aio-pika, publishing with confirms to one quorum queue."""

import asyncio
import time

import aio_pika

IN_FLIGHT = 200
QUEUE = "reference"


async def events_per_second(broker: str, body: bytes, count: int) -> float:
    """``count`` times ``body``, persistent and confirmed, 200 in flight."""
    connection = await aio_pika.connect(broker)
    async with connection, connection.channel() as channel:
        await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        numbers = iter(range(count))

        async def publish() -> None:
            for _ in numbers:
                message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                await channel.default_exchange.publish(message, QUEUE)

        began = time.perf_counter()
        await asyncio.gather(*(publish() for _ in range(IN_FLIGHT)))
        seconds = time.perf_counter() - began
        await channel.queue_delete(QUEUE)
    return count / seconds
