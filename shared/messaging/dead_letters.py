"""Dead letters: events that could not take effect, and what an operator may do about those in a database."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.database import Database
from shared.messaging.backlog import parked
from shared.messaging.envelope import Envelope
from shared.messaging.reasons import reason_of
from shared.messaging.transport import Listener

PAGE = 200

# Whoever looks through dead letters has them all in hand. Two at once would each see a part and take it for the whole.
LOCK = "SELECT pg_try_advisory_lock(hashtext('dead letters'))"

# What is parked anew while we go through them is not for this time.
_PAGE = """
    SELECT event_id, envelope, reason, parked_at FROM dead_letters
     WHERE ($1::timestamptz IS NULL OR (parked_at, event_id) > ($1, $2::uuid)) AND parked_at <= $3
     ORDER BY parked_at, event_id LIMIT $4
"""
_FIND = "SELECT envelope FROM dead_letters WHERE event_id = $1"
_REMOVE = "DELETE FROM dead_letters WHERE event_id = $1"


class Place(StrEnum):
    """Where a dead letter lies: at the broker, or where there is none, in the database of the service."""

    QUEUE = "queue"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that ``consumer`` could not take, as it came (``body``), and why.

    ``id`` is the event's. ``deliveries`` is how often it was handed out; a database does not count that.
    """

    id: str
    consumer: str
    place: Place
    type: str
    reason: str
    parked_at: datetime | None
    deliveries: int | None
    body: bytes

    def summary(self) -> dict[str, Any]:
        """All but the event itself."""
        return {
            "id": self.id,
            "service": self.consumer,
            "type": self.type,
            "reason": self.reason,
            "parked_at": self.parked_at.isoformat(timespec="seconds") if self.parked_at else None,
            "deliveries": self.deliveries,
            "place": self.place.value,
        }

    def whole(self) -> dict[str, Any]:
        """All of it; what is no JSON, as text."""
        try:
            event = json.loads(self.body)
        except ValueError:
            event = self.body.decode(errors="replace")
        return {**self.summary(), "event": event}


@dataclass(frozen=True, slots=True)
class DeadLetterTable:
    """Those in the database of a service."""

    database: Database
    consumer: str

    async def count(self) -> int:
        """How many there are; none where the service listens to nobody."""
        async with self.database.look_up() as rows:
            return await parked(rows)

    async def letters(self) -> AsyncIterator[DeadLetter]:
        """All that are there now, oldest first."""
        if not await self.count():
            return
        async with self.database.look_up() as rows:
            now = await rows.fetchval("SELECT now()")
        at: datetime | None = None
        last: UUID | None = None
        while True:
            async with self.database.look_up() as rows:
                page = await rows.fetch(_PAGE, at, last, now, PAGE)
            for row in page:
                at, last = row["parked_at"], row["event_id"]
                yield self._letter(row)
            if len(page) < PAGE:
                return

    async def discard(self, event_id: UUID) -> None:
        """Remove one for good. Again is a success."""
        async with self.database.background() as tx:
            await tx.execute(_REMOVE, event_id)

    def _letter(self, row: Any) -> DeadLetter:
        return DeadLetter(
            id=str(row["event_id"]),
            consumer=self.consumer,
            place=Place.DATABASE,
            type=str(row["envelope"].get("type", "")),
            reason=row["reason"],
            parked_at=row["parked_at"],
            deliveries=None,
            body=json.dumps(row["envelope"]).encode(),
        )


async def take_in(database: Database, listener: Listener, event_id: UUID) -> str | None:
    """Let a dead letter from the database take effect, and remove it then; why not, if it still cannot.

    A death in between leaves it there, and the next time has no effect, since the event is known then.
    """
    async with database.look_up() as rows:
        found = await rows.fetchval(_FIND, event_id)
    if found is None:
        return "It is not there (any more)."
    envelope = Envelope.from_json(json.dumps(found).encode())
    try:
        await listener.handle_all([envelope])
    except Exception as error:  # noqa: BLE001 - a listener may fail in any way, and the operator wants to know how
        reason = reason_of(error)
        await listener.park(envelope, reason)
        return reason
    await DeadLetterTable(database, listener.name).discard(event_id)
    return None
