"""The replica of the tenants."""

from functools import lru_cache
from uuid import UUID

from asyncpg import Record

from services.auth.domain.accounts import Tenant, User
from services.auth.domain.sign_in_methods import Methods
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import UNSETTLED, TenantSettings
from shared.database import Transaction
from shared.ids import BEFORE_ALL

_SELECT = "SELECT id, name, slug, status, settings::text FROM tenants"
_REPLICATE = """
    INSERT INTO tenants (id, name, slug, status, sequence, settings)
    VALUES ($1, $2, $3, $4, $5, coalesce($6::jsonb, '{}'))
    ON CONFLICT (id) DO UPDATE
       SET name = excluded.name, slug = excluded.slug, status = excluded.status, sequence = excluded.sequence,
           settings = coalesce($6::jsonb, tenants.settings)
     WHERE tenants.sequence < excluded.sequence
"""


async def find(tx: Transaction, tenant_id: UUID) -> Tenant | None:
    """The tenant, if it is the transaction's or the transaction's person belongs to it."""
    row = await tx.fetchrow(f"{_SELECT} WHERE id = $1", tenant_id)
    return _tenant(row) if row else None


async def home(tx: Transaction, user: User) -> Tenant:
    """The home of ``user``, who is the transaction's person or at home in its tenant. Everybody has one."""
    found = await find(tx, user.tenant_id)
    if found is None:
        raise LookupError(f"the home of {user.id} is out of sight")
    return found


async def hold(tx: Transaction, tenant_id: UUID) -> Tenant | None:
    """The transaction's tenant, which is neither suspended nor renamed before the transaction ends."""
    row = await tx.fetchrow(f"{_SELECT} WHERE id = $1 FOR SHARE", tenant_id)
    return _tenant(row) if row else None


async def of_person(tx: Transaction, user_id: UUID) -> list[Tenant]:
    """The tenants that the transaction's person belongs to, by name."""
    sql = """
        SELECT t.id, t.name, t.slug, t.status, t.settings::text
          FROM tenants AS t JOIN memberships AS m ON m.tenant_id = t.id
         WHERE m.user_id = $1 ORDER BY t.name, t.id
    """
    return [_tenant(row) for row in await tx.fetch(sql, user_id)]


async def that_admit(tx: Transaction, user_id: UUID, methods: Methods, limit: int) -> list[Tenant]:
    """Up to ``limit`` tenants that would let the transaction's person in by ``methods``, the one used last first."""
    sql = """
        SELECT t.id, t.name, t.slug, t.status, t.settings::text
          FROM tenants AS t JOIN memberships AS m ON m.tenant_id = t.id
         WHERE m.user_id = $1 AND m.status = 'active' AND t.status = 'active'
           AND coalesce(t.settings -> 'sign_in_methods', $3) ?| $2
         ORDER BY m.last_sign_in_at DESC NULLS LAST, t.name, t.id LIMIT $4
    """
    return [
        _tenant(row) for row in await tx.fetch(sql, user_id, sorted(methods), list(UNSETTLED.sign_in_methods), limit)
    ]


async def suspended(tx: Transaction) -> list[UUID]:
    """All suspended tenants; across tenants on a look-up connection."""
    return [row["id"] for row in await tx.fetch("SELECT id FROM tenants WHERE status = 'suspended' ORDER BY id")]


async def page(across: Transaction, after: UUID | None, limit: int) -> list[tuple[Tenant, int]]:
    """Up to ``limit`` tenants of all by id, behind ``after``, each with what was heard of it last."""
    sql = """
        SELECT id, name, slug, status, settings::text, sequence FROM tenants
         WHERE id > $1 ORDER BY id LIMIT $2
    """
    return [(_tenant(row), row["sequence"]) for row in await across.fetch(sql, after or BEFORE_ALL, limit)]


async def replicate(tx: Transaction, tenant: Tenant, sequence: int, *, with_settings: bool = True) -> None:
    """Take over what the tenants service says, unless something newer is known already.

    Not ``with_settings``: it says nothing about them, and what is known of them stays.
    """
    settings = tenant.settings.model_dump(mode="json") if with_settings else None
    await tx.execute(_REPLICATE, tenant.id, tenant.name, tenant.slug, tenant.status, sequence, settings)


def read_beside(row: Record) -> Tenant:
    """The tenant of a row that is a membership's, too: name and status are there under names of their own."""
    status, settings = TenantStatus(row["tenant_status"]), _settings(row["settings"])
    return Tenant(row["tenant_id"], row["tenant_name"], row["slug"], status, settings)


def _tenant(row: Record) -> Tenant:
    return Tenant(row["id"], row["name"], row["slug"], TenantStatus(row["status"]), _settings(row["settings"]))


@lru_cache(maxsize=1000)
def _settings(stored: str) -> TenantSettings:
    """What stands in a row. Most tenants have settled the same, and each refresh reads it."""
    return TenantSettings.model_validate_json(stored)
