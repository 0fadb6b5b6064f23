"""The table of refresh tokens. Used ones stay as long as their session, so that a replay is recognised."""

from uuid import UUID

from services.auth.domain.sessions import RefreshToken
from shared.database import Transaction

_FIND = """
    SELECT hash, tenant_id, user_id, session_id, issued_at, expires_at, used_at, successor_sealed
      FROM refresh_tokens WHERE tenant_id = $1 AND hash = $2
"""


async def find(tx: Transaction, tenant_id: UUID, token_hash: bytes) -> RefreshToken | None:
    """A token of that tenant."""
    row = await tx.fetchrow(_FIND, tenant_id, token_hash)
    return RefreshToken(**row) if row else None
