"""Connections of a test's own to a database that somebody else works with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeAlias

import asyncpg

from shared.database.connections import Connections
from tests.support.databases import DatabaseUrls
from tests.support.waiting import eventually

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection for the length of a block."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def behind(urls: DatabaseUrls) -> AsyncIterator[Connections]:
    """A way into a database, as its owner: a connection is made when it is first needed."""
    connections = Connections(partial(urls.connect, "tests", urls.owner), size=4, answer_seconds=60)
    yield connections
    await connections.close()


async def waiting(connections: Connections, count: int) -> None:
    """Return as soon as so many wait for a lock in the database."""

    async def they_do() -> bool:
        async with connections.lend() as connection:
            return bool(await connection.fetchval(_WAITING) == count)

    await eventually(they_do, f"{count} to wait")


async def change(url: str, statement: str, *arguments: object) -> None:
    """Change a row from outside, as nobody but a test does."""
    async with connected(url) as connection:
        await connection.execute(statement, *arguments)
