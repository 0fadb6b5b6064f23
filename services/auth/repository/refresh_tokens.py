"""The table of refresh tokens. Used ones stay as long as their session, so that a replay is recognised."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.sessions import RefreshToken
from shared.database import Transaction

_OWNER = "SELECT tenant_id, user_id, session_id FROM refresh_tokens WHERE hash = $1"
_FIND = """
    SELECT hash, tenant_id, user_id, session_id, issued_at, expires_at, used_at, successor_sealed
      FROM refresh_tokens WHERE tenant_id = $1 AND hash = $2
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a token is, and the session that it belongs to."""

    tenant_id: UUID
    user_id: UUID
    session_id: UUID


async def owner(tx: Transaction, token_hash: bytes) -> Owner | None:
    """Whose token this is; across tenants on a look-up connection."""
    row = await tx.fetchrow(_OWNER, token_hash)
    return Owner(**row) if row else None


async def find(tx: Transaction, tenant_id: UUID, token_hash: bytes) -> RefreshToken | None:
    """A token of that tenant."""
    row = await tx.fetchrow(_FIND, tenant_id, token_hash)
    return RefreshToken(**row) if row else None
