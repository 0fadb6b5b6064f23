"""The table of refresh tokens. Used ones stay as long as their session, so that a replay is recognised."""

from datetime import datetime

from services.auth.domain.sessions import RefreshToken
from shared.database import Transaction

_ADD = """
    INSERT INTO refresh_tokens (hash, tenant_id, user_id, session_id, issued_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
_FIND = """
    SELECT hash, tenant_id, user_id, session_id, issued_at, expires_at, used_at
      FROM refresh_tokens WHERE hash = $1
"""
_USE = "UPDATE refresh_tokens SET used_at = $3 WHERE tenant_id = $1 AND hash = $2"


async def add(tx: Transaction, token: RefreshToken) -> None:
    """Store a new token."""
    await tx.execute(
        _ADD,
        token.hash,
        token.tenant_id,
        token.user_id,
        token.session_id,
        token.issued_at,
        token.expires_at,
    )


async def find(tx: Transaction, token_hash: bytes) -> RefreshToken | None:
    """Whose token this is; across tenants on a look-up connection."""
    row = await tx.fetchrow(_FIND, token_hash)
    return RefreshToken(**row) if row else None


async def use(tx: Transaction, token: RefreshToken, at: datetime) -> None:
    """Mark the token as used, in a transaction that has locked its session."""
    await tx.execute(_USE, token.tenant_id, token.hash, at)
