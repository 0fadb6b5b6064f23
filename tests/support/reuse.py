"""Databases that are emptied after a test and given to the next: a fifth of the work of making and dropping them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import asyncpg

from shared.database.migrate import Schema
from tests.support.connections import Connection
from tests.support.databases import Databases, DatabaseUrls
from tests.support.kept import KeptConnections

_FIRST_OF_OURS = 16384
"""The lowest number of anything that was made since the server was."""

# What has a number, and in which column. The thousands of rows of the server itself are left out: reading them took
# longer than all else between two tests. But the schema `public` is its own, too, and has its rights changed.
_CATALOGUES = {"pg_attribute": "attrelid", "pg_index": "indexrelid"} | dict.fromkeys(
    (
        *("pg_class", "pg_attrdef", "pg_constraint", "pg_policy", "pg_proc", "pg_rewrite", "pg_trigger", "pg_type"),
        "pg_default_acl",
    ),
    "oid",
)
_COUNT_AND_NEWEST = ", ".join(
    f"(SELECT count(*) || '/' || max(xmin::text::bigint) FROM {name} WHERE {number} >= {lowest})"  # noqa: S608 - literals
    for name, number, lowest in (
        *((name, number, _FIRST_OF_OURS) for name, number in _CATALOGUES.items()),
        ("pg_namespace", "oid", 0),
    )
)
# Whatever is made, changed or granted writes a row of a catalogue anew. Statistics would change plans. An old
# revision is written by those who try what happens then.
_STRUCTURE = f"""
    SELECT concat_ws(' ', {_COUNT_AND_NEWEST}, (SELECT count(*) FROM pg_statistic),
        (SELECT count(*) FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
            AND datname = current_database()), (SELECT version_num FROM alembic_version))
"""  # noqa: S608 - literals
_OURS = f"""
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = $1::text::"char" AND oid >= {_FIRST_OF_OURS} AND relname <> 'alembic_version'
"""  # noqa: S608 - literals
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL (kept)"
# One round trip, and each plan is made once. It goes with its connection.
_SWEEP = """
    CREATE FUNCTION pg_temp.sweep(structure text, kept int[]) RETURNS boolean LANGUAGE plpgsql AS $sweep$
    BEGIN
        PERFORM pg_terminate_backend(pid) {others};
        FOR _ IN 1..5000 LOOP  -- the server's own way to wait looks every 100 ms
            EXIT WHEN NOT EXISTS (SELECT {others});
            PERFORM pg_sleep(0.001), pg_stat_clear_snapshot();
        END LOOP;
        IF structure <> ({structure}) THEN
            RETURN false;
        END IF;
        {statements};
        RETURN true;
    END
    $sweep$
"""
_NO_TRIGGERS = {"session_replication_role": "replica"}
"""And no foreign keys, so that there is no order among the tables."""


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Empties one database, over a connection that it keeps."""

    connection: Connection
    structure: str

    @classmethod
    async def of(cls, urls: DatabaseUrls) -> Self:
        """For a database as it was made."""
        connection = await asyncpg.connect(urls.owner, server_settings=_NO_TRIGGERS)
        tables = [row[0] for row in await connection.fetch(_OURS, "r")]
        statements = [f"DELETE FROM {table}" for table in tables]  # noqa: S608 - names of our own
        for table in tables:
            if rows := await connection.fetchval(f"SELECT json_agg(t)::text FROM {table} t"):  # noqa: S608
                filled = "INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, {1})"
                statements.append(filled.format(table, await connection.fetchval("SELECT quote_literal($1)", rows)))
        statements += [f"PERFORM setval('{row[0]}', 1, false)" for row in await connection.fetch(_OURS, "S")]
        sweep = _SWEEP.format(others=_OTHERS, structure=_STRUCTURE, statements="; ".join(statements))
        await connection.execute(sweep)
        return cls(connection, await connection.fetchval(_STRUCTURE))

    async def sweep(self, kept: Sequence[int]) -> bool:
        """Send all but the ``kept`` out, and make it as empty as it was; ``False`` if more than rows has changed."""
        try:
            swept: bool = await self.connection.fetchval("SELECT pg_temp.sweep($1, $2)", self.structure, kept)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # the server was away meanwhile
            return False
        return swept


@dataclass(slots=True)
class ReusedDatabases:
    """Fresh databases for one test after another of an event loop, and connections that others have left."""

    databases: Databases
    _kept: KeptConnections = field(default_factory=KeptConnections)
    _sweepers: dict[str, Sweeper] = field(default_factory=dict)
    _free: dict[str, list[DatabaseUrls]] = field(default_factory=lambda: defaultdict(list))

    async def fresh(self, schema: Schema) -> DatabaseUrls:
        """A migrated, empty database of ``schema``'s service."""
        if free := self._free[schema.service]:
            return free.pop()
        urls = replace(await self.databases.fresh(schema), connect=self._kept.connect)
        self._sweepers[urls.name] = await Sweeper.of(urls)
        return urls

    async def give_back(self, schema: Schema, urls: DatabaseUrls) -> None:
        """It is not needed any more, whoever is still connected. If more than rows has changed, it is dropped."""
        if await self._sweepers[urls.name].sweep(self._kept.numbers(urls)):
            self._free[schema.service].append(urls)
            return
        self._sweepers.pop(urls.name).connection.terminate()
        await self.databases.drop(urls)

    def end(self) -> None:
        """Close all connections."""
        self._kept.end()
        for sweeper in self._sweepers.values():
            sweeper.connection.terminate()
