"""The mail queue: with the transaction or not at all, sealed, each tenant its own, one claim at a time."""

from contextlib import suppress
from datetime import timedelta

import asyncpg
import pytest

from shared.database import Database
from shared.mail import queue
from shared.mail.queue import ClaimLost, Outcome, QueuedMail, Result
from tests.support.mails import CIPHER, NOON, SECRET, T1, T2, Rows, a_mail, claim_one, leave


async def test_a_mail_of_a_transaction_that_failed_is_never_sent(database: Database, rows: Rows) -> None:
    with suppress(ZeroDivisionError):
        async with database.transaction(T1) as tx:
            await queue.enqueue(tx, CIPHER, T1, a_mail(), kind="hello", at=NOON)
            raise ZeroDivisionError
    assert await rows.connection.fetchval("SELECT count(*) FROM mails") == 0


async def test_a_dump_of_the_queue_holds_no_link_that_works(database: Database, rows: Rows) -> None:
    """CVE-2017-18917: while it waits the content is sealed, with a key that is not in the database."""
    row = await rows.row(await leave(database))
    assert SECRET.encode() not in row.pop("content")
    assert SECRET not in str(row)
    assert row["status"] == "queued"


async def finish(database: Database, mail: QueuedMail, result: Result) -> None:
    async with database.transaction(T1) as tx:
        await queue.finish(tx, mail, Outcome(result, NOON))


async def test_a_worker_that_comes_late_with_a_failure_is_not_listened_to(database: Database, rows: Rows) -> None:
    mail_id = await leave(database)
    late = await claim_one(database)
    await rows.lapse(mail_id)
    current = await claim_one(database)
    async with database.transaction(T1) as tx:
        await queue.postpone(tx, late, timedelta(hours=1), "451 later")
    with pytest.raises(ClaimLost):
        await finish(database, late, Result.FAILED)
    row = await rows.row(mail_id)
    assert (row["status"], row["error"], row["attempts"]) == ("queued", None, current.attempts)


async def test_a_worker_that_comes_late_with_success_is_believed_once(database: Database, rows: Rows) -> None:
    mail_id = await leave(database)
    late = await claim_one(database)
    await rows.lapse(mail_id)
    current = await claim_one(database)
    await finish(database, late, Result.SENT)
    for result in Result:
        with pytest.raises(ClaimLost):
            await finish(database, current, result)
    assert (await rows.row(mail_id))["status"] == "sent"


async def test_claims_of_a_dead_worker_are_let_go_by_whoever_knows_that_it_is_dead(database: Database) -> None:
    mail_id = await leave(database)
    dead = await claim_one(database)
    async with database.background() as tx:
        assert await queue.claim(tx, limit=1, lease=timedelta(hours=1)) == []
        await queue.release_all(tx)
    again = await claim_one(database)
    assert (again.id, again.attempts) == (mail_id, dead.attempts + 1)


async def test_a_tenant_sees_its_own_mails_only(database: Database) -> None:
    mail_id = await leave(database, tenant_id=T1)
    async with database.transaction(T2) as tx:
        assert await tx.fetch("SELECT * FROM mails") == []
        assert await tx.execute("UPDATE mails SET error = 'x'") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(T2) as tx:
            await queue.enqueue(tx, CIPHER, T1, a_mail(), kind="hello", at=NOON)
    async with database.transaction(T1) as tx:
        assert await tx.fetchval("SELECT id FROM mails") == mail_id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mails SET content = ''",
        "UPDATE mails SET recipient = ''",
        "UPDATE mails SET tenant_id = id",
    ],
)
async def test_the_role_that_sees_all_queues_changes_no_mail(database: Database, statement: str) -> None:
    await leave(database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.background() as tx:
            await tx.execute(statement)


async def test_the_role_that_sees_all_queues_removes_no_mail_that_waits(database: Database, rows: Rows) -> None:
    waiting = await leave(database)
    async with database.background() as tx:
        assert await tx.execute("DELETE FROM mails") == 0
    assert (await rows.row(waiting))["status"] == "queued"


async def test_what_came_to_its_end_before_a_time_is_forgotten_and_nothing_else(database: Database, rows: Rows) -> None:
    sent = await leave(database)
    await finish(database, await claim_one(database), Result.SENT)
    waiting = await leave(database)
    for before, forgotten in ((NOON, 0), (NOON + timedelta(seconds=1), 1)):
        async with database.background() as tx:
            assert await queue.purge(tx, before, 10) == forgotten
    assert not await rows.row(sent)
    assert (await rows.row(waiting))["status"] == "queued"
