"""What happens to a running service when its database server is there, and says nothing any more.

So it looks from here when the server's machine, or the network between, is gone: no connection is refused or closed.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from cli.postgres import EmbeddedPostgres
from shared.database import Database, DatabaseUnavailable
from shared.ids import new_id
from tests.integration.database.made import postmaster_pid, value
from tests.support.databases import DatabaseUrls

TENANT = new_id()
ANSWER_SECONDS = 0.3
SIZE = 2
LONG = 15
"""Seconds; more than all the patience of a use: a connection, an answer, and the wish to roll back."""


@pytest.fixture
async def database(own_urls: DatabaseUrls) -> AsyncIterator[Database]:
    opened = await Database.open(
        "notebook", own_urls.serving, own_urls.look_up, size=SIZE, answer_seconds=ANSWER_SECONDS
    )
    yield opened
    await opened.close()


async def processes(server: EmbeddedPostgres) -> list[int]:
    """Those of the server, the first of them first."""
    others = await value(
        server.url("postgres"), "SELECT array_agg(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )
    assert isinstance(others, list)
    return [postmaster_pid(server), *others]


@contextmanager
def silent(pids: list[int]) -> Iterator[None]:
    """Have the processes stand still while the block lasts."""
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def write(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, '')", TENANT)


async def look_up(database: Database) -> None:
    async with database.look_up() as across:
        await across.fetch("SELECT text FROM notes")


async def test_nobody_waits_for_ever_and_no_connection_is_lost_to_it(
    own_server: EmbeddedPostgres, database: Database
) -> None:
    uses = [use for _ in range(SIZE + 1) for use in (write, look_up)]
    await asyncio.gather(*(use(database) for use in uses))
    with silent(await processes(own_server)):
        async with asyncio.timeout(LONG):
            outcomes = await asyncio.gather(*(use(database) for use in uses), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailable}
    async with asyncio.timeout(LONG):
        await asyncio.gather(*(use(database) for use in uses))


async def test_nobody_waits_for_ever_to_hear_that_it_is_saved(own_server: EmbeddedPostgres, database: Database) -> None:
    async def save(stopped: ExitStack) -> None:
        async with database.transaction(TENANT) as tx:
            stopped.enter_context(silent([await tx.fetchval("SELECT pg_backend_pid()")]))

    async with asyncio.timeout(LONG):
        with ExitStack() as stopped:
            for _ in range(SIZE):
                with pytest.raises(DatabaseUnavailable):
                    await save(stopped)
            await write(database)
