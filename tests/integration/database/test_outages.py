"""What happens to a running service when its database goes away, and when it comes back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cli.postgres import EmbeddedPostgres
from shared.database import Database, DatabaseUnavailable
from shared.database.migrate import migrate
from shared.errors import Kind
from shared.ids import new_id
from tests.integration.database.made import an_empty_database, postmaster_pid, run_as
from tests.support.databases import DatabaseUrls
from tests.support.notebook import NOTEBOOK

TENANT = new_id()
RECOVERY_SECONDS = 10
CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'sparknode-notebook'
"""


@asynccontextmanager
async def opened(urls: DatabaseUrls) -> AsyncIterator[Database]:
    database = await Database.open("notebook", urls.serving, urls.look_up, size=2)
    try:
        yield database
    finally:
        await database.close()


async def write(database: Database, text: str) -> None:
    async with database.transaction(TENANT) as tx:
        await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, $2)", TENANT, text)


async def look_up(database: Database) -> list[str]:
    async with database.look_up() as across:
        return [row["text"] for row in await across.fetch("SELECT text FROM notes ORDER BY position")]


async def killed_while_writing(database: Database, server: EmbeddedPostgres) -> None:
    async with database.transaction(TENANT) as tx:
        await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, 'half')", TENANT)
        os.kill(postmaster_pid(server), signal.SIGQUIT)  # what `pg_ctl stop -m immediate` does
        await tx.fetchval("SELECT pg_sleep(10)")


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
    own_server: EmbeddedPostgres, own_urls: DatabaseUrls
) -> None:
    async with opened(own_urls) as database:
        await write(database, "before")
        with pytest.raises(DatabaseUnavailable):
            await killed_while_writing(database, own_server)
        for attempt in (write(database, "meanwhile"), look_up(database), database.ping()):
            with pytest.raises(DatabaseUnavailable) as caught:
                await attempt
            assert (caught.value.kind, caught.value.code) == (Kind.UNAVAILABLE, "database_unavailable")
            assert caught.value.retry_after
        await asyncio.to_thread(start_again, own_server)
        await until_it_works(database, "after")
        assert await look_up(database) == ["before", "after"]


@pytest.mark.parametrize(
    ("closed", "opened_again"),
    [
        ('ALTER DATABASE "{0}" ALLOW_CONNECTIONS false', 'ALTER DATABASE "{0}" ALLOW_CONNECTIONS true'),
        ('ALTER DATABASE "{0}" CONNECTION LIMIT 0', 'ALTER DATABASE "{0}" CONNECTION LIMIT -1'),
        ('ALTER DATABASE "{0}" RENAME TO "{0}_away"', 'ALTER DATABASE "{0}_away" RENAME TO "{0}"'),
    ],
)
async def test_a_database_that_is_closed_for_a_while_is_an_outage(
    postgres: EmbeddedPostgres, closed: str, opened_again: str
) -> None:
    async with an_empty_database(postgres) as urls:
        await migrate(NOTEBOOK, owner_url=urls.owner, url=urls.serving, look_up_url=urls.look_up)
        async with opened(urls) as database:
            await write(database, "before")
            others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{urls.name}'"  # noqa: S608
            await run_as(postgres.url("postgres"), others, closed.format(urls.name))
            for attempt in (write(database, "meanwhile"), look_up(database), database.ping()):
                with pytest.raises(DatabaseUnavailable):
                    await attempt
            await run_as(postgres.url("postgres"), opened_again.format(urls.name))
            await until_it_works(database, "after")
            assert await look_up(database) == ["before", "after"]


async def test_cut_connections_are_an_outage_of_a_moment(urls: DatabaseUrls) -> None:
    """Cut at any moment: while one waits, begins, writes, commits, or is about to find out."""
    told = set()
    async with opened(urls) as database:
        for _ in range(20):
            uses = asyncio.gather(*(write(database, "") for _ in range(4)), look_up(database), return_exceptions=True)
            await run_as(urls.owner, CUT)
            told |= {type(outcome) for outcome in await uses if isinstance(outcome, BaseException)}
        assert told <= {DatabaseUnavailable}
        await until_it_works(database, "after")
        assert (await look_up(database))[-1] == "after"
