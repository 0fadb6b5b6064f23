"""What a refresh reads and what it writes, each in one statement: it is the busiest of all requests that write."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.sessions import RefreshToken, Session
from services.auth.repository import memberships, sessions, tenants
from shared.contracts.email import Email
from shared.database import Transaction

# Session and token are locked, in this order, and so are read as they are once the lock is there: whoever had it
# before may have used the one or ended the other.
_HOLD = """
    SELECT t.hash, t.issued_at, t.expires_at AS token_expires_at, t.used_at, t.successor_sealed,
           s.id AS session_id, s.created_at AS began_at, s.last_used_at, s.expires_at, s.agent, s.address,
           s.revoked_at, s.revoked_reason,
           m.tenant_id, m.user_id, m.email, m.name, m.role, m.status, m.joined_via, m.email_verified,
           m.invitation_id, m.created_at, m.last_sign_in_at,
           u.tenant_id AS home, u.email AS own_email, u.name AS own_name, u.password_hash, u.email_verified_at,
           u.created_at AS registered_at,
           n.name AS tenant_name, n.slug, n.status AS tenant_status, n.settings
      FROM sessions AS s
      JOIN refresh_tokens AS t ON t.tenant_id = s.tenant_id AND t.session_id = s.id
      JOIN memberships AS m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
      JOIN users AS u ON u.id = s.user_id
      JOIN tenants AS n ON n.id = s.tenant_id
     WHERE s.tenant_id = $1 AND s.id = $2 AND t.hash = $3
       FOR UPDATE OF s, t
"""
_ROTATE = """
    WITH used AS (
        UPDATE refresh_tokens SET used_at = $6, successor_sealed = $5 WHERE tenant_id = $1 AND hash = $4
    ), touched AS (
        UPDATE sessions SET last_used_at = $6, address = $9 WHERE tenant_id = $1 AND id = $2
    )
    INSERT INTO refresh_tokens (hash, tenant_id, user_id, session_id, issued_at, expires_at)
    VALUES ($7, $1, $3, $2, $6, $8)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A refresh token with all that decides about it; token and session are locked."""

    token: RefreshToken
    session: Session
    user: User
    membership: Membership
    tenant: Tenant


async def hold(tx: Transaction, tenant_id: UUID, session_id: UUID, token_hash: bytes) -> Held | None:
    """The token, which nobody else uses, and its session, which nobody else ends, before the transaction ends."""
    row = await tx.fetchrow(_HOLD, tenant_id, session_id, token_hash)
    return _held(row) if row else None


async def rotate(tx: Transaction, used: RefreshToken, successor: RefreshToken, *, sealed: bytes, address: str) -> None:
    """Put ``successor`` in the place of ``used``, and remember when and from where the session was used."""
    await tx.execute(
        _ROTATE,
        used.tenant_id,
        used.session_id,
        used.user_id,
        used.hash,
        sealed,
        successor.issued_at,
        successor.hash,
        successor.expires_at,
        address,
    )


def _held(row: Record) -> Held:
    return Held(
        token=_token(row),
        session=sessions.read(row),
        user=User(
            id=row["user_id"],
            tenant_id=row["home"],
            email=Email(row["own_email"]),
            name=row["own_name"],
            password_hash=row["password_hash"],
            email_verified_at=row["email_verified_at"],
            created_at=row["registered_at"],
        ),
        membership=memberships.read(row),
        tenant=tenants.read_beside(row),
    )


def _token(row: Record) -> RefreshToken:
    return RefreshToken(
        hash=row["hash"],
        tenant_id=row["tenant_id"],
        user_id=row["user_id"],
        session_id=row["session_id"],
        issued_at=row["issued_at"],
        expires_at=row["token_expires_at"],
        used_at=row["used_at"],
        successor_sealed=row["successor_sealed"],
    )
