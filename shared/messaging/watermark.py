"""The number that lies between the events that a copy of the present state knows of and those that it does not."""

import asyncio

from shared.database import Database, Transaction
from shared.errors import Unavailable

PATIENCE_SECONDS = 4.0
LOOK_AGAIN_SECONDS = 0.02

_NEXT = "SELECT nextval('outbox_position_seq')"
# Whoever has taken a position holds this lock until the end of the transaction, and shows its rows before it lets go.
_WRITERS = """
    SELECT DISTINCT virtualtransaction FROM pg_locks
     WHERE locktype = 'relation' AND relation = 'outbox'::regclass
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND mode = 'RowExclusiveLock' AND granted
"""


class StillWriting(Unavailable):
    """A transaction that has told something does not end."""

    code = "still_writing"
    detail = "A transaction of the service takes long. Try again in a moment."


async def watermark(database: Database) -> int:
    """A sequence of which everything with a smaller one is committed, or never will be; what comes later has a
    greater one. State that is read from now on therefore knows of all events with smaller sequences."""
    async with database.look_up() as rows:
        sequence = int(await rows.fetchval(_NEXT))
        before = await _writers(rows)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                # Whoever holds a lock gives no sign to others when they let go of it.
                while before := before & await _writers(rows):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        except TimeoutError:
            raise StillWriting from None
    return sequence


async def _writers(rows: Transaction) -> set[str]:
    return {row["virtualtransaction"] for row in await rows.fetch(_WRITERS)}
