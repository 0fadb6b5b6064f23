"""Locks in a product's databases, by which a test stops the product at an exact point of its work, from outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from tests.support.connections import Connection, connected
from tests.support.waiting import eventually

_SOMEBODY_WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND $1 = ANY(pg_blocking_pids(pid)))"
_WHO_WAITS = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $1 = ANY(pg_blocking_pids(pid)) AND "
_IS_IN_LINE = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = $1)"


class Lock:
    """A lock of the test's own. Whoever comes to what it keeps waits there, until it is released."""

    def __init__(self, holder: Connection, watcher: Connection, statement: str) -> None:
        self._holder = holder
        self._watcher = watcher
        self._taking = asyncio.ensure_future(holder.execute(f"BEGIN; {statement}"))

    async def reached(self) -> None:
        """Return as soon as somebody waits there."""
        await eventually(lambda: self._ask(_SOMEBODY_WAITS), "somebody to wait for the lock")

    async def waiting(self, who: str = "true") -> list[int]:
        """The server's processes that wait there now, of those in pg_stat_activity for which ``who`` holds."""
        rows = await self._watcher.fetch(_WHO_WAITS + who, self._holder.get_server_pid())
        return [row["pid"] for row in rows]

    async def end_those_who_wait(self) -> None:
        """End the server's processes that wait there, as a machine takes them along that dies with its clients."""
        for process in await self.waiting():
            await self._watcher.fetchval("SELECT pg_terminate_backend($1, 5000)", process)

    async def release(self) -> None:
        """Let everybody go on. Releasing twice is releasing once."""
        self._holder.terminate()
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await self._taking

    async def taken_or_next(self) -> None:
        """Return when it is taken, or in line behind those who have it at the moment."""
        await eventually(self._is_taken_or_next, "the lock")

    async def _is_taken_or_next(self) -> bool:
        if self._taking.done():
            self._taking.result()
            return True
        return await self._ask(_IS_IN_LINE)

    async def _ask(self, question: str) -> bool:
        return bool(await self._watcher.fetchval(question, self._holder.get_server_pid()))


@asynccontextmanager
async def held(url: str, statement: str) -> AsyncIterator[Lock]:
    """Keep what ``statement`` (``LOCK TABLE``, ``SELECT … FOR UPDATE``) locks, at most until the end of the block.

    If somebody else has it, it is taken the moment they let go: nobody gets in between.
    """
    async with connected(url) as holder, connected(url) as watcher:
        lock = Lock(holder, watcher, statement)
        try:
            await lock.taken_or_next()
            yield lock
        finally:
            await lock.release()
