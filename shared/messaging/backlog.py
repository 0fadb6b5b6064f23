"""What waits in a service's database: events in its outbox, and events that it has put aside."""

from dataclasses import dataclass

from shared.database import Transaction

_WAITING = """
    SELECT count(*) AS depth, coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float8 AS age
      FROM outbox WHERE published_at IS NULL
"""
_HAS_INBOX = "SELECT to_regclass('dead_letters') IS NOT NULL"
_PARKED = "SELECT count(*) FROM dead_letters"


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events wait to be published, and for how many seconds the oldest of them has."""

    depth: int
    age: float


async def backlog(rows: Transaction) -> Backlog:
    """What waits in the outbox; across tenants on a look-up connection."""
    [waiting] = await rows.fetch(_WAITING)
    return Backlog(waiting["depth"], waiting["age"])


async def parked(rows: Transaction) -> int:
    """How many dead letters the database holds; none in that of a service that listens to nobody. Likewise."""
    if not await rows.fetchval(_HAS_INBOX):
        return 0
    return int(await rows.fetchval(_PARKED))
