"""Connections of a test's own to a database that somebody else works with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection for the length of a block."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        connection.terminate()


async def change(url: str, statement: str, *arguments: object) -> None:
    """Change a row from outside, as nobody but a test does."""
    async with connected(url) as connection:
        await connection.execute(statement, *arguments)
