"""What a repository is given: a connection inside a transaction, bound to a tenant."""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

from asyncpg import Record

from shared.database.connections import Lent
from shared.durations import Durations, Times

STATEMENT_SECONDS = Durations(
    "database_statement_seconds", "Time from sending a statement to its last row", ("database", "verb")
)


class Transaction:
    """Statements that succeed or fail together.

    ``tenant_id`` is the tenant that row-level security holds every statement to, ``None`` across tenants.
    """

    __slots__ = ("_connection", "_lent", "database", "tenant_id")

    def __init__(self, lent: Lent, database: str, tenant_id: UUID | None) -> None:
        self._lent = lent
        self._connection = lent.connection
        self.database = database
        self.tenant_id = tenant_id

    @asynccontextmanager
    async def acting_in(self, tenant_id: UUID) -> AsyncIterator[None]:
        """Be held to ``tenant_id`` while the block lasts, and to the own tenant again after it.

        For a change that reaches one person's rows in several tenants and has to be told in each of them, all in one
        transaction. ``tenant_id`` comes from a row that the transaction may read, or is the platform's; never from a
        request. An exception that leaves the block must end the transaction.
        """
        own = self.tenant_id
        if own is None:
            raise ValueError("a transaction across tenants acts in none of them")
        await self.enter(tenant_id)
        yield
        await self.enter(own)

    async def enter(self, tenant_id: UUID) -> None:
        """Be held to ``tenant_id`` from here on. For work that is done for one tenant after another, in one go.

        ``tenant_id`` comes from where ``acting_in`` takes it, or from an event.
        """
        if tenant_id != self.tenant_id:
            await self._set("app.tenant_id", str(tenant_id))
            self.tenant_id = tenant_id

    async def act_for(self, person: UUID | None) -> None:
        """Reach, beside the tenant's rows, those of ``person`` in other tenants, from here on; or nobody's.

        ``person`` comes from a row of the own tenant, never straight from a request.
        """
        await self._set("app.person_id", str(person or ""))

    async def execute(self, sql: str, *arguments: Any) -> int:
        """Run a statement; the number of rows that it touched."""
        started = self._begin()
        tag = await self._connection.execute(sql, *arguments)
        self._observe(sql, started)
        return int(tag.rpartition(" ")[2]) if tag[-1].isdigit() else 0

    async def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once per row of arguments, pipelined."""
        started = self._begin()
        await self._connection.executemany(sql, rows)
        self._observe(sql, started)

    async def fetch(self, sql: str, *arguments: Any) -> list[Record]:
        """All rows."""
        started = self._begin()
        rows = await self._connection.fetch(sql, *arguments)
        self._observe(sql, started)
        return rows

    async def fetchrow(self, sql: str, *arguments: Any) -> Record | None:
        """The first row, or none."""
        started = self._begin()
        row = await self._connection.fetchrow(sql, *arguments)
        self._observe(sql, started)
        return row

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row, or none."""
        started = self._begin()
        value = await self._connection.fetchval(sql, *arguments)
        self._observe(sql, started)
        return value

    async def _set(self, setting: str, value: str) -> None:
        self._begin()
        await self._connection.execute("SELECT set_config($1, $2, true)", setting, value)
        self._lent.since = None

    def _begin(self) -> float:
        """When: from now on an answer is due."""
        self._lent.since = began = time.perf_counter()
        return began

    def _observe(self, sql: str, started: float) -> None:
        self._lent.since = None
        _seconds_of(self.database, sql).observe(time.perf_counter() - started)


@lru_cache(maxsize=1024)
def _seconds_of(database: str, sql: str) -> Times:
    """Found once per statement: statements are constants, and some run thousands of times in a second."""
    return STATEMENT_SECONDS.labels(database, sql.split(maxsplit=1)[0].lower())
