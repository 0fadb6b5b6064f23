"""Counts of tries. Across tenants, because who tries has none yet: under the look-up role."""

from datetime import datetime, timedelta

from services.auth.domain.throttling import FORGIVEN_AFTER, Allowance
from shared.database import Transaction

# One statement judges and counts: parallel tries take turns at the row, and a refused try changes nothing. While tries
# are free no time is compared: those that come at once need not get to the row in the order of their clocks.
_ADMIT = """
    INSERT INTO throttles AS now (subject, tries, began_at, open_at) VALUES ($1, 1, $2, $2)
    ON CONFLICT (subject) DO UPDATE SET
        tries = CASE WHEN now.open_at < $6 OR now.began_at < $7 THEN 1 ELSE now.tries + 1 END,
        began_at = CASE WHEN now.open_at < $6 OR now.began_at < $7 THEN $2 ELSE now.began_at END,
        open_at = CASE WHEN now.open_at < $6 OR now.began_at < $7 OR now.tries + 1 < $3 THEN $2
                       ELSE $2 + least($5::interval, $4::interval * 2 ^ least(now.tries + 1 - $3, 20)) END
     WHERE now.tries < $3 OR now.open_at <= $2
"""
_OPEN_AT = "SELECT open_at FROM throttles WHERE subject = $1"
_TAKE_BACK = "UPDATE throttles SET tries = tries - 1 WHERE subject = $1 AND tries > 0"
_CLEAR = "DELETE FROM throttles WHERE subject = $1"
_PURGE = """
    DELETE FROM throttles WHERE subject IN (SELECT subject FROM throttles WHERE open_at < $1 LIMIT $2)
"""


async def admit(tx: Transaction, subject: bytes, allowance: Allowance, at: datetime) -> timedelta | None:
    """Count a try and let it pass (``None``), or refuse it uncounted and say how long the throttle stays shut."""
    forgiven = at - FORGIVEN_AFTER
    first, longest = allowance.first_delay, allowance.longest_delay
    if await tx.execute(_ADMIT, subject, at, allowance.free, first, longest, forgiven, at - allowance.window):
        return None
    open_at: datetime | None = await tx.fetchval(_OPEN_AT, subject)
    return open_at - at if open_at else timedelta()


async def take_back(tx: Transaction, subject: bytes) -> None:
    """Count one try of ``subject`` less."""
    await tx.execute(_TAKE_BACK, subject)


async def clear(tx: Transaction, subject: bytes) -> None:
    """Forget all tries of ``subject``."""
    await tx.execute(_CLEAR, subject)


async def purge(tx: Transaction, at: datetime, limit: int) -> int:
    """Drop up to ``limit`` rows of tries that are forgiven; how many there were."""
    return await tx.execute(_PURGE, at - FORGIVEN_AFTER, limit)
