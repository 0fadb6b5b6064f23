"""Tells Prometheus how many dead letters wait for an operator."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from shared.messaging.metrics import DEAD_LETTER_DEPTH
from shared.messaging.reasons import reason_of

LOOK_SECONDS = 15.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetterWatch:
    """Any number of replicas may keep it. Each of ``counts`` says how many there are at one place."""

    consumer: str
    counts: tuple[Callable[[], Awaitable[int]], ...]

    async def run(self) -> None:
        """Look every few seconds, until cancelled. What cannot be looked at is unknown, and not zero."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - outlives every outage; the next look comes soon
                DEAD_LETTER_DEPTH.labels(self.consumer).set(float("nan"))
                log.info("dead letters not counted", consumer=self.consumer, reason=reason_of(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Count them now."""
        DEAD_LETTER_DEPTH.labels(self.consumer).set(sum([await count() for count in self.counts]))
