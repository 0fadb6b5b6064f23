"""The relay carries what was committed: all of it, in order, at least once, one relay at a time."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from uuid import UUID

import asyncpg
from structlog.testing import capture_logs

from shared.database import Database, DatabaseUnavailable
from shared.ids import new_id
from shared.messaging.backoff import Backoff
from shared.messaging.envelope import Envelope
from shared.messaging.outbox import tell
from shared.messaging.relay import BATCH, POLL_SECONDS, Relay
from shared.messaging.transport import Transport
from tests.support.connections import connected
from tests.support.databases import DatabaseUrls
from tests.support.notebook.facts import TENANT, Recorder, fact, happen, text_of
from tests.support.notebook.fixtures import to_read
from tests.support.waiting import until

Open = Callable[..., Awaitable[Database]]

_NOTHING_IS_MARKED = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()
"""
NOTE = "INSERT INTO notes (tenant_id, text) VALUES ($1, $2)"


@asynccontextmanager
async def running(database: Database, transport: Transport, backoff: Backoff | None = None) -> AsyncIterator[None]:
    relay = Relay(database, transport)
    relay.backoff = backoff or relay.backoff
    task = asyncio.ensure_future(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_what_waits_is_carried_once_when_nothing_goes_wrong(teller: Database) -> None:
    recorder = Recorder()
    relay = Relay(teller, recorder)
    await happen(teller, "a", "b")
    await happen(teller, "c")
    assert await relay.drain() == 3
    assert await relay.drain() == 0
    assert recorder.texts == ["a", "b", "c"]


async def test_more_than_a_batch_keeps_its_order(teller: Database) -> None:
    texts = [str(n) for n in range(BATCH * 2 + 1)]
    recorder = Recorder()
    await happen(teller, *texts)
    assert await Relay(teller, recorder).drain() == len(texts)
    assert recorder.texts == texts


async def test_a_late_committer_is_not_skipped(teller: Database) -> None:
    recorder = Recorder()
    relay = Relay(teller, recorder)
    async with teller.transaction(TENANT) as tx:
        await tell(tx, fact("began first"))
        await happen(teller, "committed first")
        await relay.drain()
        assert recorder.texts == ["committed first"]
    await relay.drain()
    assert recorder.texts == ["committed first", "began first"]


async def test_it_is_woken_rather_than_waiting_for_its_next_look(teller: Database) -> None:
    recorder = Recorder()
    async with running(teller, recorder), asyncio.timeout(POLL_SECONDS * 5):
        for n in range(10):
            await happen(teller, n)
            await until(lambda n=n: len(recorder.seen) == n + 1)  # type: ignore[misc]


async def test_one_connection_is_enough_for_it(open_notebook: Open, teller_urls: DatabaseUrls) -> None:
    database, recorder = await open_notebook(teller_urls, size=1), Recorder()
    await happen(database, "heard")
    async with running(database, recorder):
        await until(lambda: recorder.texts == ["heard"])


async def change(database: Database, subject: UUID, times: int) -> None:
    """As a use case does: lock, then tell."""
    for n in range(times):
        async with database.transaction(TENANT) as tx:
            await tx.execute("SELECT FROM notes WHERE text = $1 FOR UPDATE", str(subject))
            last = await tx.fetchval("SELECT count(*) FROM notes WHERE text LIKE $1", f"{subject} %")
            await tell(tx, fact(last, subject))
            await tx.execute(NOTE, TENANT, f"{subject} {n}")


async def test_events_of_one_subject_stay_in_order_while_many_write(open_notebook: Open) -> None:
    database, recorder = await open_notebook(size=6), Recorder()
    subjects = [new_id() for _ in range(3)]
    async with database.transaction(TENANT) as tx:
        await tx.execute_many(
            "INSERT INTO notes (tenant_id, text) VALUES ($1, $2)", [(TENANT, str(s)) for s in subjects]
        )
    async with running(database, recorder):
        await asyncio.gather(*(change(database, subject, 20) for subject in subjects * 2))
        await until(lambda: len(recorder.seen) >= 120)
    for subject in subjects:
        assert [text_of(e) for e in recorder.seen if e.subject == subject] == [str(n) for n in range(40)]


async def test_what_was_not_confirmed_is_carried_again(teller: Database) -> None:
    """A crash between publishing and marking looks the same from here."""
    recorder = Recorder(failures=2)
    await happen(teller, "a", "b")
    async with running(teller, recorder):
        await until(lambda: len(recorder.seen) == 6)
        await happen(teller, "c")
        await until(lambda: "c" in recorder.texts)
    assert recorder.texts == ["a", "b"] * 3 + ["c"]
    assert len({envelope.id for envelope in recorder.seen}) == 3


class Noted(Backoff):
    """Says what it would have one wait for, and has nobody wait for it."""

    def __init__(self) -> None:
        super().__init__(first=1, longest=100)
        self.seconds: list[int] = []
        self.was_reset = False

    def delay(self) -> float:
        self.seconds.append(round(super().delay()))
        return 0

    def reset(self) -> None:
        super().reset()
        self.was_reset = True


async def test_what_fails_after_a_success_is_tried_again_as_soon_as_what_failed_first(teller: Database) -> None:
    recorder, backoff = Recorder(failures=4), Noted()
    await happen(teller, "a")
    async with running(teller, recorder, backoff):
        await until(lambda: backoff.was_reset)
        recorder.failures = 1
        await happen(teller, "b")
        await until(lambda: recorder.texts == ["a"] * 5 + ["b"] * 2)
    first, _, _, fourth, after_success = backoff.seconds
    assert first == after_success < fourth


async def test_one_leads_and_another_takes_over(open_notebook: Open, teller_urls: DatabaseUrls) -> None:
    one, other = await open_notebook(teller_urls), await open_notebook(teller_urls)
    leading, standing_by = Recorder(), Recorder()
    async with running(one, leading):
        await happen(one, "a")
        await until(lambda: leading.texts == ["a"])
        async with running(other, standing_by):
            for text in ("b", "c", "d"):
                await happen(other, text)
            await until(lambda: len(leading.seen) == 4)
            assert standing_by.seen == []
    async with running(other, standing_by):
        await happen(one, "e")
        await until(lambda: "e" in standing_by.texts)
    assert leading.texts == ["a", "b", "c", "d"]


async def test_whoever_stands_by_takes_the_lead_when_it_is_free(open_notebook: Open, teller_urls: DatabaseUrls) -> None:
    one, other = await open_notebook(teller_urls), await open_notebook(teller_urls)
    leading, standing_by = Recorder(), Recorder()
    await happen(one, "a")
    async with AsyncExitStack() as still_running:
        async with running(one, leading):
            await until(lambda: leading.texts == ["a"])
            await still_running.enter_async_context(running(other, standing_by))
            await stands_by(other)
        await happen(one, "b")
        await until(lambda: "b" in standing_by.texts)
    assert leading.texts == ["a"]


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


async def stands_by(database: Database) -> None:
    """Once it has asked for the lead, and was told that another has it."""
    await until(lambda: database.looking_up.open == database.looking_up.idle == 1)


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
