"""The lanes of a listener: events of one subject go one after another, those of different subjects side by side."""

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from shared.messaging.handling import Delivery, Handling, Patience, Trial
from shared.messaging.transport import Listener

TRIED_AT_ONCE = 4


class Lanes:
    """The way of events into one listener.

    An event that fails for a moment is tried again with growing delays, and meanwhile holds up the later events of
    its own subject only. Leaving the context waits for everything that is held up; leaving it by an exception does
    not, and what is not settled then has to come again.
    """

    def __init__(self, listener: Listener, patience: Patience) -> None:
        self._handling = Handling(listener, patience)
        self._held_up: dict[UUID, deque[Delivery]] = {}
        self._retries = asyncio.TaskGroup()
        self._slots = asyncio.Semaphore(TRIED_AT_ONCE)

    async def __aenter__(self) -> Self:
        await self._retries.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._retries.__aexit__(kind, error, trace)

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        """Let the events take effect in one go, or else each by itself. Return when each is settled or held up."""
        free = [delivery for delivery in deliveries if not self._queues_up(delivery)]
        if len(free) > 1 and await self._handling.settles_all(free):
            return
        for delivery in free:
            # An earlier one of its subject may have failed a moment ago.
            if not self._queues_up(delivery):
                await self._take_alone(delivery)

    def _queues_up(self, delivery: Delivery) -> bool:
        """Whether ``delivery`` has to wait behind others of its subject; then it does."""
        behind = self._held_up.get(delivery.envelope.subject)
        if behind is None:
            return False
        behind.append(delivery)
        return True

    async def _take_alone(self, delivery: Delivery) -> None:
        trial = Trial(delivery)
        if not await self._handling.settles(trial):
            self._held_up[delivery.envelope.subject] = deque()
            self._retries.create_task(self._clear(trial))

    async def _clear(self, trial: Trial) -> None:
        """Bring ``trial`` to an end, then all that has queued up behind it."""
        subject = trial.delivery.envelope.subject
        behind = self._held_up[subject]
        await self._retry(trial)
        while behind:
            following = Trial(behind.popleft())
            async with self._slots:
                settled = await self._handling.settles(following)
            if not settled:
                await self._retry(following)
        del self._held_up[subject]

    async def _retry(self, trial: Trial) -> None:
        backoff = self._handling.patience.backoff()
        settled = False
        while not settled:
            await asyncio.sleep(backoff.delay())
            async with self._slots:
                settled = await self._handling.settles(trial)
