"""Examines one service's database, under the roles that the service uses."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import asyncpg

from cli.doctor.finding import Ailment, Finding, Outcome, compare_clocks, examine
from shared.clock import Clock
from shared.database.migrate import Schema, require_usable, user_of
from shared.database.roles import require_safe_role

CONNECT_SECONDS = 5

_TENANT_TABLES = """
    SELECT c.relname AS name,
           c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) AS held
      FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND a.attname = 'tenant_id' AND NOT a.attisdropped
     ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class DatabaseExamination:
    """``serving`` and ``look_up`` are the URLs of the service; ``contents`` are looked at by those who know them."""

    schema: Schema
    serving: str
    look_up: str
    clock: Clock
    contents: Mapping[str, Callable[[], Awaitable[str]]] = field(default_factory=dict)

    async def __call__(self) -> AsyncIterator[Finding]:
        """First whether it can be reached; the other findings only if so."""
        name = self.schema.service
        reached = await examine(name, "database", self._reach())
        yield reached
        if reached.outcome is not Outcome.OK:
            yield Finding(name, "roles, schema, policies, clock", Outcome.SKIPPED, "There is no database to look at.")
            return
        yield await examine(name, "roles", self._roles())
        yield await examine(name, "schema", self._revision())
        yield await examine(name, "policies", self._policies())
        yield await examine(name, "clock", self._time())
        for check, examination in self.contents.items():
            yield await examine(name, check, examination())

    async def _reach(self) -> str:
        for url in (self.serving, self.look_up):
            try:
                connection = await _connect(url)
            except (OSError, asyncpg.PostgresError) as error:
                raise Ailment(
                    f"Cannot sign in as {user_of(url)}: {error}. Check that PostgreSQL runs and that the address and "
                    "password are right; `sparknode migrate` makes the roles."
                ) from error
            await connection.close()
        return "reachable under both roles"

    async def _roles(self) -> str:
        for url in (self.serving, self.look_up):
            await require_safe_role(url)
        return f"{user_of(self.serving)} and {user_of(self.look_up)} are bound by row-level security"

    async def _revision(self) -> str:
        found = await require_usable(self.schema, self.serving)
        newer = f", of a newer release; this one needs {self.schema.head}" if found != self.schema.head else ""
        return f"at revision {found}{newer}"

    async def _policies(self) -> str:
        connection = await _connect(self.serving)
        try:
            tables = await connection.fetch(_TENANT_TABLES)
        finally:
            await connection.close()
        if loose := [table["name"] for table in tables if not table["held"]]:
            raise Ailment(
                f"Row-level security does not hold these tables to their tenant: {', '.join(loose)}. Somebody changed "
                "them by hand; ENABLE and FORCE ROW LEVEL SECURITY, and restore the policies of the migrations."
            )
        return f"{len(tables)} tables are held to their tenant"

    async def _time(self) -> str:
        connection = await _connect(self.serving)
        try:
            now = await connection.fetchval("SELECT clock_timestamp()")
        finally:
            await connection.close()
        return compare_clocks(now, self.clock())


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(url, timeout=CONNECT_SECONDS)
