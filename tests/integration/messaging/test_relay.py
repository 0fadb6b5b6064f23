"""The relay carries what was committed: all of it, in order, at least once, one relay at a time."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

from shared.database import Database
from shared.ids import new_id
from shared.messaging.backoff import Backoff
from shared.messaging.outbox import tell
from shared.messaging.relay import BATCH, POLL_SECONDS, Relay
from tests.integration.messaging.relaying import Open, running
from tests.support.databases import DatabaseUrls
from tests.support.notebook.facts import TENANT, Recorder, fact, happen, text_of
from tests.support.waiting import until

NOTE = "INSERT INTO notes (tenant_id, text) VALUES ($1, $2)"


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


async def stands_by(database: Database) -> None:
    """Once it has asked for the lead, and was told that another has it."""
    await until(lambda: database.looking_up.open == database.looking_up.idle == 1)
