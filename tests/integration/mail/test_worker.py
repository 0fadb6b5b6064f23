"""The mail worker: what is committed is sent, once, or it is said why not."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from prometheus_client import REGISTRY

from shared.database import Database, Transaction
from shared.ids import new_id
from shared.mail import queue
from shared.mail.message import Letter
from shared.mail.queue import Outcome, QueuedMail, Result
from shared.mail.transport import MailRefused
from shared.mail.worker import KEPT
from tests.support.mails import (
    CIPHER,
    NOON,
    SECRET,
    T1,
    T2,
    Post,
    Rows,
    a_mail,
    a_worker,
    leave,
    running,
)


async def test_a_committed_mail_is_sent_and_its_content_wiped(database: Database, rows: Rows) -> None:
    post = Post()
    mail_id = await leave(database)
    async with running(a_worker(database, post)):
        row = await rows.until(mail_id, status="sent", content=None, locked_until=None, error=None, attempts=1)
    (letter,) = post.letters
    assert letter.recipient == row["recipient"] == "anna0@company.com"
    assert letter.message["Date"].datetime == NOON
    assert SECRET in str(letter.message.get_body(("plain",)))
    assert row["finished_at"] is not None


async def test_the_outcome_is_told_in_the_transaction_that_records_it(database: Database, rows: Rows) -> None:
    told: list[tuple[UUID | None, UUID, UUID | None, str, Result, datetime, str | None]] = []

    async def note(tx: Transaction, mail: QueuedMail, outcome: Outcome) -> None:
        told.append((tx.tenant_id, mail.id, mail.reference, mail.kind, outcome.result, outcome.at, outcome.error))

    about = new_id()
    mail_id = await leave(database, tenant_id=T2, reference=about)
    async with running(a_worker(database, Post(), on_outcome=note, clock=lambda: NOON)):
        row = await rows.until(mail_id, status="sent")
    assert told == [(T2, mail_id, about, "hello", Result.SENT, NOON, None)]
    assert row["finished_at"] == NOON


async def test_the_outcome_is_told_before_the_mail_is_locked(database: Database, rows: Rows) -> None:
    """Use cases lock what a mail is about and then withdraw it; the other way round would be a deadlock."""

    async def note(_: Transaction, mail: QueuedMail, __: Outcome) -> None:
        async with database.background() as other:
            await other.execute("SELECT FROM mails WHERE id = $1 FOR UPDATE NOWAIT", mail.id)

    mail_id = await leave(database)
    async with running(a_worker(database, Post(), on_outcome=note)):
        await rows.until(mail_id, status="sent", attempts=1)


async def test_a_passing_refusal_is_tried_again_with_the_same_message_id(database: Database, rows: Rows) -> None:
    post = Post([MailRefused("451 later", permanent=False), MailRefused("451 later", permanent=False)])
    mail_id = await leave(database)
    told: list[Outcome] = []

    async def note(_: Transaction, __: QueuedMail, outcome: Outcome) -> None:
        told.append(outcome)

    async with running(a_worker(database, post, on_outcome=note)):
        await rows.until(mail_id, status="sent", attempts=3, error=None)
    assert post.message_ids == [f"<{mail_id}@sparknode.example>"] * 3
    assert [outcome.result for outcome in told] == [Result.SENT]


async def test_whatever_may_become_of_a_mail_is_counted_from_nothing_on(database: Database, rows: Rows) -> None:
    """Of what is there first when it has happened, an alert sees no increase."""
    async with database.transaction(T1) as tx:
        mail_id = await queue.enqueue(tx, CIPHER, T1, a_mail(), kind="first of its kind", at=NOON)
    async with running(a_worker(database, Post())):
        await rows.until(mail_id, status="sent")
    for result in (Result.FAILED, Result.BOUNCED, Result.LAPSED):
        labels = {"service": "mails", "kind": "first of its kind", "result": result}
        assert REGISTRY.get_sample_value("mails_finished_total", labels) == 0


async def test_after_the_last_attempt_the_mail_has_failed_and_never_counts_as_sent(
    database: Database, rows: Rows
) -> None:
    """sentry#124998."""
    post = Post([MailRefused(f"451 no {n}", permanent=False) for n in range(9)])
    mail_id = await leave(database)
    told: list[Outcome] = []

    async def note(_: Transaction, __: QueuedMail, outcome: Outcome) -> None:
        told.append(outcome)

    async with running(a_worker(database, post, on_outcome=note)):
        await rows.until(mail_id, status="failed", attempts=3, error="451 no 2", content=None)
    assert [(outcome.result, outcome.error) for outcome in told] == [(Result.FAILED, "451 no 2")]
    assert len(post.letters) == 3


async def test_a_final_refusal_is_not_argued_with(database: Database, rows: Rows) -> None:
    post = Post([MailRefused("550 no such user", permanent=True)])
    mail_id = await leave(database)
    told: list[Result] = []

    async def note(_: Transaction, __: QueuedMail, outcome: Outcome) -> None:
        told.append(outcome.result)

    async with running(a_worker(database, post, on_outcome=note)):
        await rows.until(mail_id, status="failed", attempts=1, error="550 no such user", content=None)
    assert told == [Result.BOUNCED]


async def test_many_workers_send_each_mail_once(database: Database, rows: Rows) -> None:
    post = Post()
    mail_ids = [await leave(database, number) for number in range(40)]
    async with running(*(a_worker(database, post) for _ in range(3))):
        for mail_id in mail_ids:
            await rows.until(mail_id, status="sent", attempts=1)
    assert sorted(post.recipients) == sorted(f"anna{n}@company.com" for n in range(40))


async def test_no_more_at_once_than_allowed_and_a_slow_one_holds_up_nobody(database: Database, rows: Rows) -> None:
    slow = asyncio.Event()

    class FirstIsSlow(Post):
        async def send(self, letter: Letter) -> None:
            self.gate = slow if letter.recipient == "anna0@company.com" else None
            await super().send(letter)

    post = FirstIsSlow()
    mail_ids = [await leave(database, number) for number in range(12)]
    async with running(a_worker(database, post, concurrency=3)):
        for mail_id in mail_ids[1:]:
            await rows.until(mail_id, status="sent")
        assert (await rows.row(mail_ids[0]))["status"] == "queued"
        slow.set()
        await rows.until(mail_ids[0], status="sent")
    assert post.most_at_once == 3


async def test_a_worker_that_is_woken_looks_at_once(database: Database, rows: Rows) -> None:
    post = Post()
    first = await leave(database, 0)
    worker = a_worker(database, post, poll_seconds=3600)
    async with running(worker):
        await rows.until(first, status="sent")
        second = await leave(database, 1)
        worker.wake()
        await rows.until(second, status="sent")


async def test_a_withdrawn_mail_is_not_sent(database: Database, rows: Rows) -> None:
    post = Post()
    dead, alive = await leave(database, 0), await leave(database, 1)
    async with database.transaction(T2) as tx:
        assert not await queue.withdraw(tx, dead)
    async with database.transaction(T1) as tx:
        assert await queue.withdraw(tx, dead)
        assert not await queue.withdraw(tx, dead)
    async with running(a_worker(database, post)):
        await rows.until(alive, status="sent")
        await rows.until(dead, status="failed", error="withdrawn", content=None)
    assert post.recipients == ["anna1@company.com"]


async def test_what_came_to_its_end_long_ago_is_forgotten(database: Database, rows: Rows) -> None:
    mail_id = await leave(database)
    async with running(a_worker(database, Post(), clock=lambda: NOON)):
        await rows.until(mail_id, status="sent", finished_at=NOON)
    async with running(a_worker(database, Post(), clock=lambda: NOON + KEPT + timedelta(seconds=1))):
        await rows.until_gone(mail_id)
