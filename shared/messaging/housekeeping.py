"""Keeps an eye on a service's outbox, and removes what is no longer needed of outbox and inbox."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import structlog

from shared.clock import Clock, utc_now
from shared.database import Database
from shared.ids import smallest_id
from shared.messaging.backlog import backlog
from shared.messaging.metrics import OUTBOX_AGE, OUTBOX_DEPTH
from shared.messaging.reasons import reason_of

LOOK_SECONDS = 5.0
PRUNE_SECONDS = 600.0
PRUNED_AT_ONCE = 2000

_PRUNE_OUTBOX = """
    DELETE FROM outbox WHERE position IN (
        SELECT position FROM outbox WHERE published_at < $1 ORDER BY published_at LIMIT $2)
"""
# Ids are ordered by time, so that the primary key finds old rows. An event that was long on its way has an id that is
# older than its row.
_PRUNE_INBOX = """
    DELETE FROM inbox WHERE event_id IN (
        SELECT event_id FROM inbox WHERE event_id < $3 AND received_at < $1 ORDER BY event_id LIMIT $2)
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows are kept: in the outbox from publishing on, for a replay; in the inbox from the effect on.

    The inbox has to outlast the outbox, or a replay would take effect a second time.
    """

    outbox: timedelta = timedelta(days=7)
    inbox: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Any number of replicas may do it at once."""

    database: Database
    retention: Retention = Retention()
    has_inbox: bool = True
    clock: Clock = utc_now

    async def run(self) -> None:
        """Measure every few seconds and prune every few minutes, until cancelled."""
        pruned_at = float("-inf")
        while True:
            try:
                await self.measure()
                if time.monotonic() - pruned_at > PRUNE_SECONDS:
                    await self.prune()
                    pruned_at = time.monotonic()
            except Exception as error:  # noqa: BLE001 - outlives every outage; the next look comes soon
                log.warning("housekeeping interrupted", service=self.database.name, reason=reason_of(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def measure(self) -> None:
        """Tell how many events wait in the outbox, and since when."""
        async with self.database.look_up() as rows:
            waiting = await backlog(rows)
        OUTBOX_DEPTH.labels(self.database.name).set(waiting.depth)
        OUTBOX_AGE.labels(self.database.name).set(waiting.age)

    async def prune(self) -> int:
        """Remove what has been kept for long enough; the number of rows. What waits to be published stays."""
        now = self.clock()
        pruned = await self._delete(_PRUNE_OUTBOX, now - self.retention.outbox)
        if self.has_inbox:
            before = now - self.retention.inbox
            pruned += await self._delete(_PRUNE_INBOX, before, smallest_id(before))
        return pruned

    async def _delete(self, statement: str, *older_than: object) -> int:
        """A few rows in each transaction, so that nobody waits for us."""
        deleted, before, *rest = 0, *older_than
        while True:
            async with self.database.background() as tx:
                count = await tx.execute(statement, before, PRUNED_AT_ONCE, *rest)
            deleted += count
            if count < PRUNED_AT_ONCE:
                return deleted
