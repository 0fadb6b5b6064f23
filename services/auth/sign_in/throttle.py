"""Keeps one account from being tried without end, before any expensive work is done for it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from services.auth.domain.throttling import Attempt
from services.auth.errors.credentials import TooManyAttempts
from services.auth.repository import throttles
from shared.clock import Clock
from shared.database import Database

SHORTEST_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counts tries in the database: for all replicas together, and across restarts.

    ``subject`` is what is tried, such as an e-mail address. It is counted whether it exists or not, and a flood of
    other subjects never pushes one out. Only a hash of it is stored.
    """

    database: Database
    clock: Clock

    async def admit(self, attempt: Attempt, subject: str) -> None:
        """Count a try, or refuse it with ``TooManyAttempts``, which says when to come again."""
        wait = await self.count(attempt, subject)
        if wait is not None:
            raise too_many(wait)

    async def allows(self, attempt: Attempt, subject: str) -> bool:
        """Count a try and say whether it may go on: for those that answer the same in either case."""
        return await self.count(attempt, subject) is None

    async def clear(self, attempt: Attempt, subject: str) -> None:
        """Forget the tries, because the right person was there."""
        async with self.database.look_up() as tx:
            await throttles.clear(tx, _key(attempt, subject))

    async def take_back(self, attempt: Attempt, subject: str) -> None:
        """Count a try less: it was right, of a subject that is many people's, or nobody looked at it."""
        async with self.database.look_up() as tx:
            await throttles.take_back(tx, _key(attempt, subject))

    async def count(self, attempt: Attempt, subject: str) -> timedelta | None:
        """Count a try; if it may not go on, how long to wait."""
        async with self.database.look_up() as tx:
            return await throttles.admit(tx, _key(attempt, subject), attempt.allowance, self.clock())


def too_many(wait: timedelta) -> TooManyAttempts:
    """The refusal that says when to come again."""
    return TooManyAttempts(retry_after=max(wait.total_seconds(), SHORTEST_WAIT_SECONDS))


def _key(attempt: Attempt, subject: str) -> bytes:
    return hashlib.sha256(f"{attempt}\0{subject}".encode()).digest()
