"""The table behind the links from mails. Using a token removes it."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.auth.domain.one_time_tokens import Credentials, OneTimeToken, Purpose
from shared.database import Transaction

_ADD = """
    INSERT INTO one_time_tokens (hash, tenant_id, user_id, purpose, password_hash, name, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_FIND = """
    SELECT hash, tenant_id, user_id, purpose, password_hash, name, created_at, expires_at
      FROM one_time_tokens WHERE hash = $1 AND purpose = $2
"""
_CONSUME = """
    DELETE FROM one_time_tokens WHERE hash = $1 AND purpose = $2
    RETURNING hash, tenant_id, user_id, purpose, password_hash, name, created_at, expires_at
"""
_REMOVE_WAYS_INTO = "DELETE FROM one_time_tokens WHERE tenant_id = $1 AND user_id = $2 AND purpose = 'sign_in'"
_PURGE = """
    DELETE FROM one_time_tokens WHERE hash IN (SELECT hash FROM one_time_tokens WHERE expires_at < $1 LIMIT $2)
"""


async def add(tx: Transaction, token: OneTimeToken) -> None:
    """Store a new token of the transaction's tenant or person."""
    credentials = token.credentials
    await tx.execute(
        _ADD,
        token.hash,
        token.tenant_id,
        token.user_id,
        token.purpose,
        credentials.password_hash if credentials else None,
        credentials.name if credentials else None,
        token.created_at,
        token.expires_at,
    )


async def find(tx: Transaction, token_hash: bytes, purpose: Purpose) -> OneTimeToken | None:
    """Whose token this is; across tenants on a look-up connection."""
    row = await tx.fetchrow(_FIND, token_hash, purpose)
    return _token(row) if row else None


async def consume(tx: Transaction, token_hash: bytes, purpose: Purpose) -> OneTimeToken | None:
    """Use the token up; of many who try at once, one gets it, and the others nothing."""
    row = await tx.fetchrow(_CONSUME, token_hash, purpose)
    return _token(row) if row else None


async def remove_all(tx: Transaction, user_id: UUID) -> None:
    """Make every link that the person was ever mailed a dead one."""
    await tx.execute("DELETE FROM one_time_tokens WHERE user_id = $1", user_id)


async def remove(tx: Transaction, user_id: UUID, purpose: Purpose) -> None:
    """The same, of the links for one purpose."""
    await tx.execute("DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = $2", user_id, purpose)


async def remove_ways_into(tx: Transaction, tenant_id: UUID, user_id: UUID) -> None:
    """Make the links dead that sign the person in to the tenant."""
    await tx.execute(_REMOVE_WAYS_INTO, tenant_id, user_id)


async def purge(tx: Transaction, at: datetime, limit: int) -> int:
    """Drop up to ``limit`` tokens that have expired; how many there were."""
    return await tx.execute(_PURGE, at, limit)


def _token(row: Record) -> OneTimeToken:
    purpose = Purpose(row["purpose"])
    return OneTimeToken(
        hash=row["hash"],
        tenant_id=row["tenant_id"],
        user_id=row["user_id"],
        purpose=purpose,
        credentials=(Credentials(row["password_hash"], row["name"]) if purpose is Purpose.VERIFY_EMAIL else None),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
