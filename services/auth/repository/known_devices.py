"""The table of devices from which people have signed in before."""

from datetime import datetime
from uuid import UUID

from services.auth.domain.devices import FORGOTTEN_AFTER, MOST_KNOWN
from shared.database import Transaction

_IS_KNOWN = "SELECT EXISTS (SELECT FROM known_devices WHERE user_id = $1 AND fingerprint = $2)"
_KEEP_NEWEST = """
    DELETE FROM known_devices WHERE user_id = $1 AND fingerprint NOT IN (
        SELECT fingerprint FROM known_devices WHERE user_id = $1 ORDER BY last_seen_at DESC LIMIT $2)
"""
_FORGET = "DELETE FROM known_devices WHERE user_id = $1 AND fingerprint <> $2"
_PURGE = """
    DELETE FROM known_devices WHERE (user_id, fingerprint) IN (
        SELECT user_id, fingerprint FROM known_devices WHERE last_seen_at < $1 LIMIT $2)
"""


async def is_known(tx: Transaction, user_id: UUID, fingerprint: bytes) -> bool:
    """Whether the person has signed in from there before."""
    return bool(await tx.fetchval(_IS_KNOWN, user_id, fingerprint))


async def keep_newest(tx: Transaction, user_id: UUID) -> None:
    """Forget all devices of a person but those that were seen last."""
    await tx.execute(_KEEP_NEWEST, user_id, MOST_KNOWN)


async def forget(tx: Transaction, user_id: UUID, *, but: bytes = b"") -> None:
    """Know no device of the transaction's person any more, ``but`` the one with this fingerprint."""
    await tx.execute(_FORGET, user_id, but)


async def purge(tx: Transaction, at: datetime, limit: int) -> int:
    """Forget up to ``limit`` devices that nobody has signed in from for long; how many there were."""
    return await tx.execute(_PURGE, at - FORGOTTEN_AFTER, limit)
