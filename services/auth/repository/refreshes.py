"""What a refresh reads and what it writes, each in one round trip: it is the busiest of all requests that write."""

from dataclasses import dataclass

from asyncpg import Record

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.sessions import RefreshToken, Session
from services.auth.repository import memberships, sessions, tenants
from shared.contracts.email import Email
from shared.database import Transaction

_FIND = """
    SELECT t.hash, t.issued_at, t.expires_at AS token_expires_at, t.used_at, t.successor_sealed,
           s.id AS session_id, coalesce(s.signed_in_at, s.created_at) AS signed_in_at, s.created_at AS began_at,
           s.last_used_at, s.expires_at, s.agent, s.address, s.methods, s.revoked_at, s.revoked_reason,
           m.tenant_id, m.user_id, m.email, m.name, m.role, m.status, m.joined_via, m.email_verified,
           m.invitation_id, m.created_at, m.last_sign_in_at,
           u.tenant_id AS home, u.email AS own_email, u.name AS own_name, u.password_hash, u.email_verified_at,
           u.created_at AS registered_at,
           n.name AS tenant_name, n.slug, n.status AS tenant_status, n.settings::text
      FROM refresh_tokens AS t
      JOIN sessions AS s ON s.tenant_id = t.tenant_id AND s.id = t.session_id
      JOIN memberships AS m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
      JOIN users AS u ON u.id = s.user_id
      JOIN tenants AS n ON n.id = s.tenant_id
     WHERE t.hash = $1
"""
_ROTATE = "SELECT rotate_refresh_token($1, $2, $3, $4, $5, $6, $7, $8, $9)"


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token that was brought, with all that decides about it, as it was at one moment."""

    token: RefreshToken
    session: Session
    user: User
    membership: Membership
    tenant: Tenant


async def find(across: Transaction, token_hash: bytes) -> Presented | None:
    """Whose token this is; on a look-up connection, because nothing else says for which tenant it is."""
    row = await across.fetchrow(_FIND, token_hash)
    return _presented(row) if row else None


async def rotate(
    call: Transaction, used: RefreshToken, successor: RefreshToken, *, sealed: bytes, address: str
) -> bool:
    """Put ``successor`` in the place of ``used``, and remember when and from where the session was used.

    Whether it was done: not if ``used`` was used since it was found, or its session has ended.
    """
    done: bool = await call.fetchval(
        _ROTATE,
        used.tenant_id,
        used.user_id,
        used.session_id,
        used.hash,
        sealed,
        successor.hash,
        successor.issued_at,
        successor.expires_at,
        address,
    )
    return done


def _presented(row: Record) -> Presented:
    return Presented(
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
