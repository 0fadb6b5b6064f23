"""What the tests of the mail queue have in common: mails, a post that remembers, a look behind the scenes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from shared.clock import Clock, utc_now
from shared.contracts.email import parse_email
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.mail import queue
from shared.mail.message import Letter, Mail, Sender
from shared.mail.queue import QueuedMail, mail_sealer
from shared.mail.transport import MailRefused
from shared.mail.worker import MailWorker, OnOutcome, Patience, ignore_outcome
from shared.sealing import Sealer
from tests.support.background import in_background
from tests.support.callers import DATA_KEY

SENDER = Sender(parse_email("no-reply@sparknode.example"), "SparkNode")
CIPHER = mail_sealer(DATA_KEY)
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
T1, T2 = new_id(), new_id()
SECRET = "the-secret-of-the-link-4711"
SOON = timedelta(milliseconds=1)
IMPATIENT = Patience(attempts=3, first_delay=SOON, longest_delay=SOON)


@dataclass(slots=True)
class Post:
    """A transport that remembers; it refuses what stands in ``refusals`` first, and can be made to wait."""

    refusals: list[MailRefused] = field(default_factory=list)
    gate: asyncio.Event | None = None
    letters: list[Letter] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    most_at_once: int = 0

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        self.arrived.set()
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await (self.gate.wait() if self.gate else asyncio.sleep(0))
        finally:
            self.under_way -= 1
        if self.refusals:
            raise self.refusals.pop(0)

    @property
    def recipients(self) -> list[str]:
        return [letter.recipient for letter in self.letters]

    @property
    def message_ids(self) -> list[str]:
        return [str(letter.message["Message-ID"]) for letter in self.letters]


@dataclass(frozen=True, slots=True)
class Rows:
    """The table as its owner sees it."""

    connection: "asyncpg.Connection[asyncpg.Record]"

    async def row(self, mail_id: UUID) -> dict[str, Any]:
        found = await self.connection.fetchrow("SELECT * FROM mails WHERE id = $1", mail_id)
        return dict(found or {})

    async def until(self, mail_id: UUID, **expected: object) -> dict[str, Any]:
        """The row, once it is as expected."""
        async with asyncio.timeout(10):
            while True:
                row = await self.row(mail_id)
                if expected.items() <= row.items():
                    return row
                await asyncio.sleep(0.01)

    async def until_gone(self, mail_id: UUID) -> None:
        """Return when there is no such row any more."""
        async with asyncio.timeout(10):
            while await self.row(mail_id):  # noqa: ASYNC110 - what is waited for happens in the database
                await asyncio.sleep(0.01)

    async def lapse(self, mail_id: UUID) -> None:
        """As if whoever has the mail had been dead for long."""
        await self.connection.execute("UPDATE mails SET locked_until = now() WHERE id = $1", mail_id)


def a_mail(number: int = 0) -> Mail:
    """A mail to ``anna<number>`` with a link in it."""
    url = f"https://app.example/?token={SECRET}"
    return Mail(parse_email(f"anna{number}@company.com"), "Welcome", f"Open {url}\n", f"<p>{url}</p>")


async def enqueue(
    tx: Transaction, number: int = 0, reference: UUID | None = None, good_until: datetime | None = None
) -> UUID:
    """Leave a mail to ``anna<number>`` in the transaction's tenant."""
    assert tx.tenant_id
    mail = a_mail(number)
    return await queue.enqueue(
        tx, CIPHER, tx.tenant_id, mail, kind="hello", reference=reference, at=NOON, good_until=good_until
    )


async def leave(
    database: Database,
    number: int = 0,
    *,
    tenant_id: UUID = T1,
    reference: UUID | None = None,
    good_until: datetime | None = None,
) -> UUID:
    """Leave a mail in a transaction of its own, as a use case does."""
    async with database.transaction(tenant_id) as tx:
        return await enqueue(tx, number, reference, good_until)


async def claim_one(database: Database) -> QueuedMail:
    """Claim the one mail that is due, as a worker does."""
    async with database.background() as tx:
        (mail,) = await queue.claim(tx, limit=10, lease=timedelta(minutes=2))
    return mail


def a_worker(
    database: Database,
    post: Post,
    *,
    cipher: Sealer = CIPHER,
    clock: Clock = utc_now,
    on_outcome: OnOutcome = ignore_outcome,
    concurrency: int = 8,
    poll_seconds: float = 0.1,
) -> MailWorker:
    """A worker with little patience."""
    return MailWorker(database, post, cipher, SENDER, clock, on_outcome, IMPATIENT, concurrency, poll_seconds)


@asynccontextmanager
async def running(*workers: MailWorker) -> AsyncIterator[None]:
    """The workers at work while the block lasts."""
    async with in_background(*(each.run() for each in workers)):
        yield
