"""Sending published events again, as far back as the outbox reaches and consumers remember."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.clock import Clock, utc_now
from shared.database import Database, Transaction
from shared.ids import smallest_id

AT_ONCE = 500

_COUNT = """
    SELECT type, count(*) FILTER (WHERE id >= $4) AS fresh, count(*) FILTER (WHERE id < $4) AS stale
      FROM outbox
     WHERE published_at >= $1 AND published_at < $2 AND ($3::text[] IS NULL OR type = ANY($3))
     GROUP BY type ORDER BY type
"""
_UNMARK = """
    UPDATE outbox SET published_at = NULL WHERE position IN (
        SELECT position FROM outbox
         WHERE published_at >= $1 AND published_at < $2 AND ($3::text[] IS NULL OR type = ANY($3))
           AND id >= $4 AND position > $5
         ORDER BY position LIMIT $6)
    RETURNING position
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Events that were published from ``since`` to ``until``, of some ``types`` or of all."""

    since: datetime
    until: datetime
    types: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Resending:
    """Takes back the mark that rows of an outbox are published: the service's relay carries them once more.

    They come in their old order, to all who listen, and those who know them let nothing happen. What is older than
    ``memory`` is left alone: consumers may have forgotten it, and would let it happen a second time.
    """

    database: Database
    memory: timedelta
    clock: Clock = utc_now

    async def count(self, selection: Selection) -> dict[str, tuple[int, int]]:
        """By type, how many can be sent again, and how many are too old."""
        async with self.database.look_up() as rows:
            found = await rows.fetch(_COUNT, *self._arguments(selection))
        return {row["type"]: (row["fresh"], row["stale"]) for row in found}

    async def __call__(self, selection: Selection) -> int:
        """Have them sent; the number of events. A death midway leaves some to be asked for again."""
        resent, last = 0, 0
        while True:
            async with self.database.background() as tx:
                positions = await self._unmark(tx, selection, last)
            resent += len(positions)
            if len(positions) < AT_ONCE:
                return resent
            last = max(positions)

    async def _unmark(self, tx: Transaction, selection: Selection, last: int) -> list[int]:
        rows = await tx.fetch(_UNMARK, *self._arguments(selection), last, AT_ONCE)
        return [row["position"] for row in rows]

    def _arguments(self, selection: Selection) -> tuple[datetime, datetime, list[str] | None, UUID]:
        types = list(selection.types) if selection.types else None
        return selection.since, selection.until, types, smallest_id(self.clock() - self.memory)
