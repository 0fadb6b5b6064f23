"""What the beginning of a session writes, in one statement: each would be a wait of its own, beside the hash."""

from typing import NamedTuple

from services.auth.domain.sessions import MOST_AT_ONCE, RefreshToken, Session
from shared.database import Transaction

# xmax is 0 in a row that was inserted, and the updating transaction's in one that was there. Whoever looks for others
# in the same statement does not see the one that it inserts.
_BEGIN = """
    WITH begun AS (
        INSERT INTO sessions (
            id, tenant_id, user_id, created_at, last_used_at, expires_at, agent, address, methods, signed_in_at
        ) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $13, $14)
    ), chained AS (
        INSERT INTO refresh_tokens (hash, tenant_id, user_id, session_id, issued_at, expires_at)
        VALUES ($8, $2, $3, $1, $9, $10)
    ), noted AS (
        UPDATE memberships SET last_sign_in_at = $4 WHERE tenant_id = $2 AND user_id = $3
    )
    INSERT INTO known_devices AS known (user_id, fingerprint, tenant_id, first_seen_at, last_seen_at)
    VALUES ($3, $11, $12, $4, $4)
    ON CONFLICT (user_id, fingerprint) DO UPDATE SET last_seen_at = excluded.last_seen_at
    RETURNING known.xmax = 0
          AND EXISTS (SELECT FROM known_devices AS other WHERE other.user_id = $3),
          EXISTS (SELECT FROM sessions AS other
                   WHERE other.tenant_id = $2 AND other.user_id = $3 AND revoked_at IS NULL AND expires_at > $4
                  OFFSET $15::bigint - 1)
"""


class Begun(NamedTuple):
    """``on_new_device`` where others are known: the first is no news. ``one_too_many``: beyond ``MOST_AT_ONCE``."""

    on_new_device: bool
    one_too_many: bool


async def begin(tx: Transaction, session: Session, first: RefreshToken, fingerprint: bytes) -> Begun:
    """Store a session and its first token, note the sign-in, and remember the device of a person who is locked."""
    [row] = await tx.fetch(
        _BEGIN,
        session.id,
        session.tenant_id,
        session.user_id,
        session.created_at,
        session.expires_at,
        session.agent,
        session.address,
        first.hash,
        first.issued_at,
        first.expires_at,
        fingerprint,
        tx.tenant_id,
        sorted(session.methods),
        session.signed_in_at,
        MOST_AT_ONCE,
    )
    return Begun(*row)
