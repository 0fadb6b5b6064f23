"""The table of API keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.auth.domain.api_keys import LAST_USE_PRECISION, IssuedKey
from shared.contracts.api_keys import Scope
from shared.contracts.tenancy import Role
from shared.database import Transaction

_COLUMNS = "id, tenant_id, hash, name, scopes, created_by, created_at, expires_at, last_used_at"
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('auth api keys'), hashtext($1::text))"
_ADD = """
    INSERT INTO api_keys (id, tenant_id, hash, name, scopes, created_by, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_PAGE = f"""
    SELECT {_COLUMNS} FROM api_keys
     WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3::uuid))
     ORDER BY created_at, id LIMIT $4
"""  # noqa: S608 - names of columns
_REMOVE = f"DELETE FROM api_keys WHERE tenant_id = $1 AND id = $2 RETURNING {_COLUMNS}"  # noqa: S608 - the same
_REMOVE_MADE_BY = f"""
    DELETE FROM api_keys WHERE tenant_id = $1 AND created_by = $2 RETURNING {_COLUMNS}
"""  # noqa: S608 - the same
# A key that was made by somebody who is suspended, or in a tenant that is, is as good as none.
_IN_FORCE = """
    SELECT k.id, k.tenant_id, k.hash, k.name, k.scopes, k.created_by, k.created_at, k.expires_at, k.last_used_at,
           m.role AS maker
      FROM api_keys AS k
      JOIN memberships AS m ON m.tenant_id = k.tenant_id AND m.user_id = k.created_by
      JOIN tenants AS t ON t.id = k.tenant_id
     WHERE k.id = $1 AND m.status = 'active' AND t.status = 'active'
"""
_NOTE_USES = """
    UPDATE api_keys AS k SET last_used_at = used.at
      FROM unnest($1::uuid[], $2::timestamptz[]) AS used (id, at)
     WHERE k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at - $3::interval)
"""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list, behind the key that was made then."""

    created_at: datetime
    key_id: UUID


async def take_turns(tx: Transaction, tenant_id: UUID) -> None:
    """Wait until nobody else adds keys of the tenant, and keep others waiting until the transaction ends."""
    await tx.execute(_TAKE_TURNS, str(tenant_id))


async def add(tx: Transaction, key: IssuedKey) -> None:
    """Store a new key."""
    await tx.execute(
        _ADD,
        key.id,
        key.tenant_id,
        key.hash,
        key.name,
        sorted(key.scopes),
        key.created_by,
        key.created_at,
        key.expires_at,
    )


async def count(tx: Transaction, tenant_id: UUID) -> int:
    """How many keys the tenant has."""
    return int(await tx.fetchval("SELECT count(*) FROM api_keys WHERE tenant_id = $1", tenant_id))


async def page(tx: Transaction, tenant_id: UUID, *, after: Position | None, limit: int) -> list[IssuedKey]:
    """Up to ``limit`` keys of the tenant behind ``after``, oldest first."""
    at, key_id = (after.created_at, after.key_id) if after else (None, None)
    return [_key(row) for row in await tx.fetch(_PAGE, tenant_id, at, key_id, limit)]


async def remove(tx: Transaction, tenant_id: UUID, key_id: UUID) -> IssuedKey | None:
    """Take a key back; none when the tenant has no such key."""
    row = await tx.fetchrow(_REMOVE, tenant_id, key_id)
    return _key(row) if row else None


async def remove_made_by(tx: Transaction, tenant_id: UUID, user_id: UUID) -> list[IssuedKey]:
    """Take back all keys that this person made in the tenant."""
    return [_key(row) for row in await tx.fetch(_REMOVE_MADE_BY, tenant_id, user_id)]


async def in_force(tx: Transaction, key_id: UUID) -> tuple[IssuedKey, Role] | None:
    """The key and what its maker is today, if neither maker nor tenant is suspended; on a look-up connection."""
    row = await tx.fetchrow(_IN_FORCE, key_id)
    return (_key(row), Role(row["maker"])) if row else None


async def note_uses(tx: Transaction, uses: Mapping[UUID, datetime]) -> None:
    """Remember when each key was last used; across tenants, in the background."""
    await tx.execute(_NOTE_USES, list(uses), list(uses.values()), LAST_USE_PRECISION)


def _key(row: Record) -> IssuedKey:
    return IssuedKey(
        id=row["id"],
        tenant_id=row["tenant_id"],
        hash=row["hash"],
        name=row["name"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
    )
