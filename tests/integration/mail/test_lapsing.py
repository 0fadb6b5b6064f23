"""Mails whose link is dead: they are not sent, and it is said."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.database import Database, Transaction
from shared.mail import queue
from shared.mail.message import Letter
from shared.mail.queue import Outcome, QueuedMail, Result
from shared.mail.transport import MailRefused
from tests.support.mails import NOON, T1, Post, Rows, a_worker, claim_one, leave, running

TEN_MINUTES = timedelta(minutes=10)
EXPIRED = "Its link expired before it was known to be sent."


@dataclass(slots=True)
class Slow(Post):
    """A mail server that takes ten minutes over each mail."""

    now: datetime = NOON

    def clock(self) -> datetime:
        return self.now

    async def send(self, letter: Letter) -> None:
        self.now += TEN_MINUTES
        await Post.send(self, letter)


@dataclass(slots=True)
class Told:
    """What was said of how mails ended."""

    outcomes: list[Outcome] = field(default_factory=list)

    async def __call__(self, _: Transaction, __: QueuedMail, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def lapsed_so_far() -> float:
    labels = {"service": "mails", "kind": "hello", "result": "lapsed"}
    return REGISTRY.get_sample_value("mails_finished_total", labels) or 0.0


async def test_a_mail_whose_link_is_dead_is_not_sent_and_that_is_told_once(database: Database, rows: Rows) -> None:
    """What leads to nothing that dies is sent however late it is, and so is what a former release has left."""
    post, told, before = Post(), Told(), lapsed_so_far()
    dead = await leave(database, 0, good_until=NOON)
    alive = await leave(database, 1, good_until=NOON + timedelta(seconds=1))
    notice = await leave(database, 2)
    with capture_logs() as lines:
        async with running(*(a_worker(database, post, on_outcome=told, clock=lambda: NOON) for _ in range(2))):
            await rows.until(dead, status="lapsed", content=None, locked_until=None, finished_at=NOON)
            await rows.until(alive, status="sent")
            await rows.until(notice, status="sent", good_until=None)
    assert sorted(post.recipients) == ["anna1@company.com", "anna2@company.com"]
    assert sorted(outcome.result for outcome in told.outcomes) == [Result.LAPSED, Result.SENT, Result.SENT]
    assert (await rows.row(dead))["error"] == f"{EXPIRED} No attempt came to an end."
    assert lapsed_so_far() == before + 1
    [line] = [line for line in lines if line["event"] == "mail lapsed"]
    assert (line["mail_id"], line["kind"], line["log_level"]) == (dead, "hello", "warning")
    assert "anna" not in str(line)


async def test_a_mail_that_lapses_on_its_way_is_sent_if_it_is_taken_and_else_not_tried_again(
    database: Database, rows: Rows
) -> None:
    refused = Slow([MailRefused("451 later, anna0@company.com", permanent=False)])
    bounced = Slow([MailRefused("550 no such user", permanent=True)])
    for number, (server, status, error) in enumerate(
        [
            (Slow(), "sent", None),
            (refused, "lapsed", f"{EXPIRED} 451 later, anna0@company.com"),
            (bounced, "failed", "550 no such user"),
        ]
    ):
        mail_id = await leave(database, number, good_until=NOON + TEN_MINUTES)
        with capture_logs() as lines:
            async with running(a_worker(database, server, clock=server.clock)):
                await rows.until(mail_id, status=status, attempts=1, error=error, content=None)
        assert len(server.letters) == 1
        assert "anna" not in str(lines)


async def test_a_mail_that_lapses_between_two_attempts_says_why_the_first_was_in_vain(
    database: Database, rows: Rows
) -> None:
    post = Post()
    mail_id = await leave(database, good_until=NOON)
    async with database.transaction(T1) as tx:
        await queue.postpone(tx, await claim_one(database), timedelta(), "451 later")
    async with running(a_worker(database, post, clock=lambda: NOON)):
        await rows.until(mail_id, status="lapsed", attempts=2, error=f"{EXPIRED} 451 later")
    assert post.letters == []


async def test_a_mail_that_lapses_in_the_hands_of_a_killed_worker_is_not_sent(database: Database, rows: Rows) -> None:
    """Killed while sending, or before it recorded that there was nothing to send."""
    killed, next_one, told = Post(gate=asyncio.Event()), Post(), Told()
    mail_id = await leave(database, good_until=NOON + TEN_MINUTES)
    async with running(a_worker(database, killed, clock=lambda: NOON)):
        await asyncio.wait_for(killed.arrived.wait(), 5)
    await rows.lapse(mail_id)
    claimed = await claim_one(database)
    assert claimed.has_lapsed(NOON + TEN_MINUTES)
    await rows.lapse(mail_id)
    async with running(a_worker(database, next_one, on_outcome=told, clock=lambda: NOON + TEN_MINUTES)):
        await rows.until(mail_id, status="lapsed", attempts=3)
    assert next_one.letters == []
    assert [outcome.result for outcome in told.outcomes] == [Result.LAPSED]
