"""The table of devices from which people have signed in before."""

from datetime import datetime
from uuid import UUID

from services.auth.domain.accounts import User
from services.auth.domain.devices import FORGOTTEN_AFTER, MOST_KNOWN, fingerprint
from shared.database import Transaction
from shared.http.client_info import Client

_IS_KNOWN = "SELECT EXISTS (SELECT FROM known_devices WHERE user_id = $1 AND fingerprint = $2)"
_KEEP_NEWEST = """
    DELETE FROM known_devices WHERE user_id = $1 AND fingerprint NOT IN (
        SELECT fingerprint FROM known_devices WHERE user_id = $1 ORDER BY last_seen_at DESC LIMIT $2)
"""
_FORGET_OTHERS = "DELETE FROM known_devices WHERE user_id = $1 AND fingerprint <> $2"
_KNOW = """
    INSERT INTO known_devices (user_id, fingerprint, tenant_id, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, $4)
    ON CONFLICT (user_id, fingerprint) DO NOTHING
"""
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


async def know_only(tx: Transaction, user: User, client: Client, at: datetime) -> None:
    """Forget all devices of the transaction's person but the one at hand, which is known from now on."""
    seen = fingerprint(user.id, client.agent, client.address)
    await tx.execute(_FORGET_OTHERS, user.id, seen)
    await tx.execute(_KNOW, user.id, seen, user.tenant_id, at)


async def purge(tx: Transaction, at: datetime, limit: int) -> int:
    """Forget up to ``limit`` devices that nobody has signed in from for long; how many there were."""
    return await tx.execute(_PURGE, at - FORGOTTEN_AFTER, limit)
