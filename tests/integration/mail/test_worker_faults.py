"""The mail worker when things die around it, and when rows are not what they were."""

import asyncio

from structlog.testing import capture_logs

from shared.database import Database, Transaction
from shared.database.connections import Lent
from shared.mail import queue
from shared.mail.queue import Outcome, QueuedMail, mail_sealer
from tests.support.mails import (
    SOON,
    T1,
    Post,
    Rows,
    a_worker,
    claim_one,
    enqueue,
    leave,
    running,
)

CUT_ALL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_mail_of_a_dead_worker_is_sent_by_the_next_as_the_same_message(database: Database, rows: Rows) -> None:
    """Killed between sending and recording: the recipient may get it twice, recognisably."""
    killed, next_one = Post(gate=asyncio.Event()), Post()
    mail_id = await leave(database)
    async with running(a_worker(database, killed)):
        await asyncio.wait_for(killed.arrived.wait(), 5)
    row = await rows.row(mail_id)
    assert (row["status"], row["attempts"]) == ("queued", 1)
    async with database.background() as tx:
        assert await queue.claim(tx, limit=10, lease=SOON) == []
    await rows.lapse(mail_id)
    async with running(a_worker(database, next_one)):
        await rows.until(mail_id, status="sent", attempts=2)
    assert killed.message_ids == next_one.message_ids


async def test_what_was_told_of_a_mail_that_somebody_else_settled_does_not_count(
    database: Database, rows: Rows
) -> None:
    slow = Post(gate=asyncio.Event())

    async def note(tx: Transaction, mail: QueuedMail, _: Outcome) -> None:
        await tx.execute("UPDATE mails SET error = 'told' WHERE id = $1", mail.id)

    mail_id, next_id = await leave(database, 0), await leave(database, 1)
    async with running(a_worker(database, slow, on_outcome=note, concurrency=1)):
        await asyncio.wait_for(slow.arrived.wait(), 5)
        async with database.transaction(T1) as tx:
            assert await queue.withdraw(tx, mail_id)
        assert slow.gate
        slow.gate.set()
        await rows.until(next_id, status="sent")
        await rows.until(mail_id, status="failed", error="withdrawn")


async def test_a_mail_that_kills_its_worker_each_time_is_given_up(database: Database, rows: Rows) -> None:
    post = Post()
    mail_id = await leave(database)
    for _ in range(3):
        await claim_one(database)
        await rows.lapse(mail_id)
    async with running(a_worker(database, post)):
        await rows.until(mail_id, status="failed", error="Sending was interrupted each time.")
    assert post.letters == []


async def test_an_outcome_that_cannot_be_recorded_stops_no_other_mail(database: Database, rows: Rows) -> None:
    post = Post()

    async def note(_: Transaction, mail: QueuedMail, __: Outcome) -> None:
        if mail.recipient == "anna0@company.com":
            raise ZeroDivisionError

    bad, good = await leave(database, 0), await leave(database, 1)
    async with running(a_worker(database, post, on_outcome=note)):
        await rows.until(good, status="sent")
        await rows.until(bad, status="queued", attempts=1)
    assert (await rows.row(bad))["content"] is not None


async def test_the_worker_outlives_the_loss_of_its_connections(database: Database, rows: Rows) -> None:
    post = Post()
    async with running(a_worker(database, post)):
        await rows.until(await leave(database, 0), status="sent")
        await rows.connection.execute(CUT_ALL_OTHERS)
        # By the owner's connection, which is the only one left.
        afterwards = await enqueue(Transaction(Lent(rows.connection), "mails", T1), 1)
        await rows.until(afterwards, status="sent")


async def test_the_worker_outlives_a_queue_that_it_cannot_read(database: Database, rows: Rows) -> None:
    mail_id = await leave(database)
    await rows.connection.execute("ALTER TABLE mails RENAME TO mails_elsewhere")
    with capture_logs() as lines:
        async with running(a_worker(database, Post())), asyncio.timeout(5):
            while True:
                await asyncio.sleep(0.01)
                if any(line["event"] == "mail queue not read" for line in lines):
                    break
            await rows.connection.execute("ALTER TABLE mails_elsewhere RENAME TO mails")
            await rows.until(mail_id, status="sent")


async def test_a_mail_sealed_under_another_key_fails_and_says_why(database: Database, rows: Rows) -> None:
    post = Post()
    mail_id = await leave(database)
    other = mail_sealer("another-key-that-somebody-put-there-77")
    async with running(a_worker(database, post, cipher=other)):
        await rows.until(mail_id, status="failed")
    assert "DATA_ENCRYPTION_KEY" in (await rows.row(mail_id))["error"]
    assert post.letters == []


async def test_a_changed_row_redirects_no_link(database: Database, rows: Rows) -> None:
    """Neither another recipient in the row, nor the content of one mail under the id of another."""
    post = Post()
    first, second = await leave(database, 1), await leave(database, 2)
    await rows.connection.execute("UPDATE mails SET recipient = 'thief@evil.example'")
    await rows.connection.execute("UPDATE mails SET content = (SELECT content FROM mails WHERE id = $1)", first)
    async with running(a_worker(database, post)):
        await rows.until(first, status="sent")
        await rows.until(second, status="failed")
    assert post.recipients == ["anna1@company.com"]
