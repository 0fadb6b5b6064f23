"""What happens to a running service when its database goes away, and when it comes back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.postgres import EmbeddedPostgres
from cli.postgres.cluster import Postmaster
from shared.database import Database, DatabaseUnavailable
from shared.errors import Kind
from shared.ids import new_id
from tests.integration.database.made import run_as
from tests.support.databases import Databases
from tests.support.notebook import NOTEBOOK

TENANT = new_id()
RECOVERY_SECONDS = 10
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sparknode-notebook'"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """One that a test may kill."""
    with EmbeddedPostgres(tmp_path / "server", durable=False) as own:
        yield own


@pytest.fixture
async def database(server: EmbeddedPostgres) -> AsyncIterator[Database]:
    urls = await Databases(server).fresh(NOTEBOOK)
    opened = await Database.open("notebook", urls.serving, urls.look_up, size=2)
    yield opened
    await opened.close()


async def write(database: Database, text: str) -> None:
    async with database.transaction(TENANT) as tx:
        await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, $2)", TENANT, text)


async def look_up(database: Database) -> list[str]:
    async with database.look_up() as across:
        return [row["text"] for row in await across.fetch("SELECT text FROM notes ORDER BY position")]


async def killed_while_writing(database: Database, folder: Path) -> None:
    async with database.transaction(TENANT) as tx:
        await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, 'half')", TENANT)
        kill(folder)
        await tx.fetchval("SELECT pg_sleep(10)")


def kill(folder: Path) -> None:
    """What `pg_ctl stop -m immediate` does."""
    postmaster = Postmaster.of(folder / "cluster")
    assert postmaster
    os.kill(postmaster.pid, signal.SIGQUIT)


def start_again(server: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while server.is_running and time.monotonic() < deadline:
        time.sleep(0.01)
    server.start()


async def until_it_works(database: Database, text: str) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            try:
                return await write(database, text)
            except DatabaseUnavailable:
                await asyncio.sleep(0.05)


async def test_a_killed_server_is_an_outage_and_its_return_is_the_end_of_it(
    server: EmbeddedPostgres, database: Database, tmp_path: Path
) -> None:
    await write(database, "before")
    with pytest.raises(DatabaseUnavailable):
        await killed_while_writing(database, tmp_path / "server")
    for attempt in (write(database, "meanwhile"), look_up(database), database.ping()):
        with pytest.raises(DatabaseUnavailable) as caught:
            await attempt
        assert (caught.value.kind, caught.value.code) == (Kind.UNAVAILABLE, "database_unavailable")
        assert caught.value.retry_after
    await asyncio.to_thread(start_again, server)
    await until_it_works(database, "after")
    assert await look_up(database) == ["before", "after"]


async def test_cut_connections_are_an_outage_of_a_moment(server: EmbeddedPostgres, database: Database) -> None:
    """Cut at any moment: while one waits, begins, writes, commits, or is about to find out."""
    told = set()
    for _ in range(20):
        uses = asyncio.gather(*(write(database, "") for _ in range(4)), look_up(database), return_exceptions=True)
        await run_as(server.url("postgres"), CUT)
        told |= {type(outcome) for outcome in await uses if isinstance(outcome, BaseException)}
    assert told <= {DatabaseUnavailable}
    await until_it_works(database, "after")
    assert (await look_up(database))[-1] == "after"
