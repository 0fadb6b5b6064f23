"""Removes what is over, so that no table grows for ever."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from services.auth.repository import known_devices, one_time_tokens, sessions, throttles, users
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.recurring import recurring

PERIOD_SECONDS = 3600.0
BATCH = 500
"""Rows per transaction: few enough that nobody waits for it, and beside sessions some thousands of their tokens."""

Purge = Callable[[Transaction, datetime, int], Awaitable[int]]

PURGES: tuple[Purge, ...] = (throttles.purge, one_time_tokens.purge, users.purge, sessions.purge, known_devices.purge)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Any number of them may run at once; nothing that still counts is ever touched."""

    database: Database
    clock: Clock
    batch: int = BATCH

    async def run(self) -> None:
        """Tidy up now and every hour, until cancelled; what goes wrong is logged and tried again then."""
        await recurring(self.tidy, every=PERIOD_SECONDS, otherwise="upkeep put off")

    async def tidy(self) -> None:
        """Remove forgiven tries, dead links, accounts nobody proved, sessions that are over, devices of long ago."""
        for purge in PURGES:
            while await self._batch(purge) == self.batch:
                pass

    async def _batch(self, purge: Purge) -> int:
        async with self.database.background() as tx:
            return await purge(tx, self.clock(), self.batch)
