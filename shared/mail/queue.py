"""The mail queue: rows in the service's own database, written in the transaction of the use case."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from asyncpg import Record

from shared.contracts.email import Email
from shared.database import Transaction
from shared.ids import new_id
from shared.mail.message import Mail
from shared.sealing import Sealer

MAILS_SQL = Path(__file__).with_name("mails.sql")
"""The table, for the first migration of a service that sends."""

GOOD_UNTIL_SQL = Path(__file__).with_name("good_until.sql")
"""For a later one: until when a mail is worth sending."""

_ADD = """
    INSERT INTO mails (id, tenant_id, reference, kind, recipient, content, created_at, good_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_CLAIM = """
    UPDATE mails SET attempts = attempts + 1, locked_until = now() + $2
     WHERE id IN (SELECT id FROM mails
                   WHERE status = 'queued' AND next_attempt_at <= now()
                     AND (locked_until IS NULL OR locked_until <= now())
                   ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING id, tenant_id, reference, kind, recipient, content, attempts, created_at, good_until, error
"""
_RELEASE = "UPDATE mails SET locked_until = NULL WHERE locked_until IS NOT NULL"
_POSTPONE = """
    UPDATE mails SET next_attempt_at = now() + $4, locked_until = NULL, error = $5
     WHERE tenant_id = $1 AND id = $2 AND status = 'queued' AND attempts = $3
"""
_WITHDRAW = """
    UPDATE mails SET status = 'failed', error = 'withdrawn', finished_at = now(), content = NULL, locked_until = NULL
     WHERE tenant_id = $1 AND id = ANY ($2::text[]::uuid[]) AND status = 'queued'
    RETURNING id
"""
# A mail that went out is sent, whoever has claimed it since; a failure is told by the latest attempt only.
_FINISH = """
    UPDATE mails SET status = $4, error = $5, finished_at = $6, content = NULL, locked_until = NULL
     WHERE tenant_id = $1 AND id = $2 AND status = 'queued' AND (attempts = $3 OR $4 = 'sent')
"""
_PURGE = """
    DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE status <> 'queued' AND finished_at < $1 LIMIT $2)
"""


class ClaimLost(Exception):
    """Another worker has the mail by now, or somebody withdrew it; what was to be said of it no longer counts."""


class Result(StrEnum):
    """How it ended. ``bounced``: the mail server will never take this mail; ``failed``: we gave up; ``lapsed``: what
    it leads to was good no longer, so there was nothing left to send."""

    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    LAPSED = "lapsed"


def mail_sealer(data_encryption_key: str) -> Sealer:
    """What encrypts the content of waiting mails, so that a dump of the database holds no link that works."""
    return Sealer.derive(data_encryption_key, "sparknode mails v1")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a mail; ``error`` says why it was not sent."""

    result: Result
    at: datetime
    error: str | None = None


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """A claimed row. ``attempts`` counts the claim, and tells this claim from every other.

    ``refusal`` is why the latest attempt that came to an end was in vain.
    """

    id: UUID
    tenant_id: UUID
    reference: UUID | None
    kind: str
    recipient: Email
    sealed: bytes
    attempts: int
    created_at: datetime
    good_until: datetime | None
    refusal: str | None

    def has_lapsed(self, at: datetime) -> bool:
        """Whether what it leads to is good no longer; never so for a mail that has no such end."""
        return self.good_until is not None and at >= self.good_until

    def open(self, sealer: Sealer) -> Mail:
        """The mail as it was enqueued, recipient and all, or ``Unreadable``: a changed row redirects no link."""
        return Mail(**json.loads(sealer.unseal(self.sealed, row=self.id.bytes)))


async def enqueue(  # noqa: PLR0913 - a mail, how it is sealed, and what it is about
    tx: Transaction,
    sealer: Sealer,
    tenant_id: UUID,
    mail: Mail,
    *,
    kind: str,
    reference: UUID | None = None,
    at: datetime,
    good_until: datetime | None = None,
) -> UUID:
    """Send ``mail`` if, and only if, ``tx`` commits, but not from ``good_until`` on; the id of its row.

    ``kind`` and ``reference`` come back with the outcome, so that the service knows what it was about.
    """
    mail_id = new_id()
    sealed = sealer.seal(json.dumps(asdict(mail)).encode(), row=mail_id.bytes)
    await tx.execute(_ADD, mail_id, tenant_id, reference, kind, mail.to, sealed, at, good_until)
    return mail_id


async def withdraw(tx: Transaction, *mails: UUID) -> set[UUID]:
    """Do not send those ``mails`` that still wait, because their links are dead by now; which they were.

    They have no outcome to tell of. One that a worker is sending at this moment may still arrive.
    """
    return {row["id"] for row in await tx.fetch(_WITHDRAW, tx.tenant_id, list(map(str, mails)))}


async def claim(tx: Transaction, *, limit: int, lease: timedelta) -> list[QueuedMail]:
    """Take up to ``limit`` mails that are due, in any tenant. Nobody else gets them before ``lease`` is over."""
    return [_queued(row) for row in await tx.fetch(_CLAIM, limit, lease)]


async def release_all(tx: Transaction) -> None:
    """Let everybody's claims go: for a process that knows that nobody else sends, and that its predecessor is dead."""
    await tx.execute(_RELEASE)


async def postpone(tx: Transaction, mail: QueuedMail, delay: timedelta, error: str) -> None:
    """Put a claimed mail back for another attempt, unless somebody else has claimed it since."""
    await tx.execute(_POSTPONE, mail.tenant_id, mail.id, mail.attempts, delay, error)


async def finish(tx: Transaction, mail: QueuedMail, outcome: Outcome) -> None:
    """Record the end and wipe the content; ``ClaimLost``, which must end ``tx``, when another has the say by now."""
    status = "failed" if outcome.result is Result.BOUNCED else outcome.result.value
    if not await tx.execute(_FINISH, mail.tenant_id, mail.id, mail.attempts, status, outcome.error, outcome.at):
        raise ClaimLost


async def purge(tx: Transaction, before: datetime, limit: int) -> int:
    """Drop up to ``limit`` mails of any tenant that came to their end ``before``; how many there were."""
    return await tx.execute(_PURGE, before, limit)


def _queued(row: Record) -> QueuedMail:
    return QueuedMail(
        id=row["id"],
        tenant_id=row["tenant_id"],
        reference=row["reference"],
        kind=row["kind"],
        recipient=Email(row["recipient"]),
        sealed=row["content"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        good_until=row["good_until"],
        refusal=row["error"],
    )
