"""Connections of a test's own to a database that somebody else works with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection for the length of a block."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def behind(url: str) -> AsyncIterator[Pool]:
    """A way into the database that whoever looks often keeps: a connection is made when it is first needed."""
    async with asyncpg.create_pool(url, min_size=0, max_size=4) as pool:
        yield pool


async def change(url: str, statement: str, *arguments: object) -> None:
    """Change a row from outside, as nobody but a test does."""
    async with connected(url) as connection:
        await connection.execute(statement, *arguments)
