"""The table of people. A person's own row is reached by id, in whichever tenant its home is."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.auth.domain.accounts import KEPT_UNPROVEN, User
from shared.contracts.email import Email
from shared.database import Transaction

_SELECT = "SELECT id, tenant_id, email, name, password_hash, email_verified_at, created_at FROM users"
_ADD = """
    INSERT INTO users (id, tenant_id, email, name, password_hash, email_verified_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING
"""
# The proof is asked for outside, too: there it is looked at again when somebody proves the address meanwhile.
_PURGE = """
    DELETE FROM users
     WHERE email_verified_at IS NULL
       AND id IN (SELECT u.id FROM users AS u
                   WHERE u.email_verified_at IS NULL AND u.created_at < $1
                     AND NOT EXISTS (SELECT FROM one_time_tokens AS t WHERE t.user_id = u.id)
                   LIMIT $2)
"""


async def add(tx: Transaction, user: User) -> bool:
    """Add a person; false, and nothing done, when the address has an account already, in whichever tenant."""
    added = await tx.execute(
        _ADD,
        user.id,
        user.tenant_id,
        user.email,
        user.name,
        user.password_hash,
        user.email_verified_at,
        user.created_at,
    )
    return added == 1


async def find(tx: Transaction, user_id: UUID) -> User | None:
    """The person, if the transaction's tenant or person may see the row."""
    return _user(await tx.fetchrow(f"{_SELECT} WHERE id = $1", user_id))


async def find_by_email(tx: Transaction, email: Email) -> User | None:
    """Whose address this is; across tenants on a look-up connection."""
    return _user(await tx.fetchrow(f"{_SELECT} WHERE email = $1", email))


async def lock(tx: Transaction, user_id: UUID) -> User | None:
    """The person, whom nobody else changes before the transaction ends."""
    return _user(await tx.fetchrow(f"{_SELECT} WHERE id = $1 FOR UPDATE", user_id))


async def save(tx: Transaction, user: User) -> None:
    """Write what may change of a person: home, name, password, proof of the address."""
    await tx.execute(
        "UPDATE users SET tenant_id = $2, name = $3, password_hash = $4, email_verified_at = $5 WHERE id = $1",
        user.id,
        user.tenant_id,
        user.name,
        user.password_hash,
        user.email_verified_at,
    )


async def remove_unverified(tx: Transaction, user_id: UUID) -> bool:
    """Remove an account with everything that hangs on it; false when its address has been proven meanwhile."""
    removed = await tx.execute("DELETE FROM users WHERE id = $1 AND email_verified_at IS NULL", user_id)
    return removed == 1


async def close(tx: Transaction, user_id: UUID) -> None:
    """Remove the account of a person who belongs to no tenant any more; the address is free again."""
    await tx.execute("DELETE FROM users WHERE id = $1", user_id)


async def purge(tx: Transaction, at: datetime, limit: int) -> int:
    """Drop up to ``limit`` accounts that nobody proved in time and no link can prove any more; how many there were."""
    return await tx.execute(_PURGE, at - KEPT_UNPROVEN, limit)


def _user(row: Record | None) -> User | None:
    if row is None:
        return None
    return User(
        id=row["id"],
        tenant_id=row["tenant_id"],
        email=Email(row["email"]),
        name=row["name"],
        password_hash=row["password_hash"],
        email_verified_at=row["email_verified_at"],
        created_at=row["created_at"],
    )
