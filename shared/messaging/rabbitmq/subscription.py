"""What the broker pushes on one channel, from the first message to the loss of the channel."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiormq.abc import AbstractChannel, DeliveredMessage

from shared.messaging.rabbitmq.acknowledgements import Acknowledgements
from shared.messaging.reasons import reason_of

START_SECONDS = 10.0


class SubscriptionLost(Exception):
    """The broker does not push any more; what was not acknowledged will come again."""


class Subscription:
    """Messages in the order in which they came. Each is to be settled, or it comes again when the channel is gone."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._messages: deque[DeliveredMessage] = deque()
        self._some_came = asyncio.Event()
        self._cancelled = asyncio.Event()
        self._acknowledgements = Acknowledgements(channel)

    async def start(self, queue: str, prefetch: int) -> None:
        """Have the broker push from ``queue``, with at most ``prefetch`` messages unsettled."""
        # A queue that is deleted, or moved, ends the subscription but not the channel.
        self._channel.on_consumer_cancel_callbacks.add(lambda _: self._cancelled.set())
        # The library's own time-outs are asyncio.wait_for, which loses a cancellation now and then (CPython #86296).
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._channel.basic_qos(prefetch_count=prefetch)
                await self._channel.basic_consume(queue, self._on_message)
        except TimeoutError as error:
            raise SubscriptionLost(f"the broker does not answer for the queue {queue}") from error

    async def next(self, limit: int) -> list[DeliveredMessage]:
        """What has come, up to ``limit`` messages; waits for the first."""
        while not self._messages:
            self._some_came.clear()
            await self._some_came.wait()
        return [self._messages.popleft() for _ in range(min(limit, len(self._messages)))]

    def settle(self, message: DeliveredMessage) -> None:
        """It need not come again."""
        if message.delivery_tag is not None:
            self._acknowledgements.settle(message.delivery_tag)

    async def acknowledge(self) -> None:
        """Tell the broker now what is settled."""
        await self._acknowledgements.acknowledge()

    async def keep_acknowledging(self) -> None:
        """Tell the broker what is settled, until cancelled, and once more then."""
        try:
            await self._acknowledgements.run()
        finally:
            with suppress(Exception):  # the channel may be gone; then it comes again, and is recognised
                await self.acknowledge()

    async def watch(self) -> None:
        """Raise ``SubscriptionLost`` when no more messages will come."""
        closing, cancelled = self._channel.closing, asyncio.ensure_future(self._cancelled.wait())
        try:
            await asyncio.wait([closing, cancelled], return_when=asyncio.FIRST_COMPLETED)
            lost = SubscriptionLost("the broker has ended it" if cancelled.done() else _why(closing))
        finally:
            closing.cancel()
            cancelled.cancel()
        raise lost

    async def _on_message(self, message: DeliveredMessage) -> None:
        if message.delivery_tag is not None:
            self._acknowledgements.expect(message.delivery_tag)
            self._messages.append(message)
            self._some_came.set()


def _why(closing: "asyncio.Future[None]") -> str:
    error = None if closing.cancelled() else closing.exception()
    return reason_of(error) if error else "the channel is closed"


@asynccontextmanager
async def subscribed(channel: AbstractChannel, queue: str, prefetch: int) -> AsyncIterator[Subscription]:
    """A subscription for as long as the block lasts; losing it ends the block with ``SubscriptionLost`` in a group."""
    subscription = Subscription(channel)
    async with asyncio.TaskGroup() as beside:
        tasks = [beside.create_task(subscription.watch()), beside.create_task(subscription.keep_acknowledging())]
        await subscription.start(queue, prefetch)
        yield subscription
        for task in tasks:
            task.cancel()
