"""The relay when its database fails: it goes on by itself, or ends when it is told to."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import asyncpg
from structlog.testing import capture_logs

from shared.database import Database, DatabaseUnavailable
from shared.messaging.envelope import Envelope
from shared.messaging.relay import BATCH, Relay
from tests.integration.messaging.relaying import Open, running
from tests.support.connections import connected
from tests.support.databases import DatabaseUrls
from tests.support.notebook.facts import Recorder, happen
from tests.support.notebook.fixtures import to_read
from tests.support.waiting import until

_NOTHING_IS_MARKED = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()
"""


async def test_cut_connections_stop_it_for_a_moment_only(teller: Database, teller_urls: DatabaseUrls) -> None:
    recorder = Recorder()
    async with running(teller, recorder):
        await happen(teller, "before")
        await until(lambda: recorder.texts == ["before"])
        await cut(teller_urls)
        await happen_after_all(teller, "after")
        await until(lambda: "after" in recorder.texts)


async def test_it_gives_up_a_connection_on_which_the_server_says_nothing_any_more(
    open_notebook: Open, teller: Database, teller_urls: DatabaseUrls
) -> None:
    """So it looks when the server's machine is gone. Waiting for that connection, it would carry nothing for ever."""
    database, recorder = await open_notebook(teller_urls, answer_seconds=1), Recorder()
    async with running(database, recorder):
        await happen(teller, "before")
        await until(lambda: recorder.texts == ["before"])
        with silent(await leader(teller_urls)):
            await until(lambda: database.looking_up.open == database.looking_up.idle)
        await happen(teller, "after")
        await until(lambda: "after" in recorder.texts)


async def test_it_publishes_nothing_that_it_could_not_mark(
    open_notebook: Open, teller: Database, teller_urls: DatabaseUrls
) -> None:
    """While the database only reads, it would publish the same events every few seconds."""
    only_reading, recorder = await open_notebook(dataclasses.replace(teller_urls, connect=to_read)), Recorder()
    await happen(teller, "a")
    with capture_logs() as told:
        async with running(only_reading, recorder):
            await until(lambda: "relay interrupted" in [line["event"] for line in told])
    assert recorder.texts == []
    assert await Relay(teller, recorder).drain() == 1


async def test_it_ends_though_its_database_fails_at_that_moment(teller: Database, teller_urls: DatabaseUrls) -> None:
    """A process that stops in an outage would wait for it until it is killed."""
    async with connected(teller_urls.owner) as owner:
        await owner.execute(_NOTHING_IS_MARKED)
    await happen(teller, *range(BATCH + 1))
    transport = Unfinished()
    relaying = asyncio.ensure_future(Relay(teller, transport).run())
    await transport.given_up.wait()
    relaying.cancel()
    try:
        await until(relaying.done)
    finally:
        relaying.cancel()
    assert relaying.cancelled()


class Unfinished(Recorder):
    """Takes one batch, and needs time to give up the next."""

    def __init__(self) -> None:
        super().__init__()
        self.given_up = asyncio.Event()

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        if self.seen:
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up.set()
                await asyncio.Event().wait()
        await super().publish(envelopes)


@contextmanager
def silent(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def leader(urls: DatabaseUrls) -> int:
    """The server's process for the connection that has the lead."""
    pid = await ask(
        urls,
        "SELECT pid FROM pg_locks JOIN pg_database AS d ON d.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()",
    )
    assert isinstance(pid, int)
    return pid


async def cut(urls: DatabaseUrls) -> None:
    await ask(
        urls,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


async def ask(urls: DatabaseUrls, question: str) -> object:
    """What the server says to its owner."""
    connection = await asyncpg.connect(urls.owner)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def happen_after_all(database: Database, text: str) -> None:
    """The pool may need a use to find out that its connection is gone."""
    try:
        await happen(database, text)
    except DatabaseUnavailable:
        await happen(database, text)
