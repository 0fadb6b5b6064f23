"""The replica of the tenants."""

from uuid import UUID

from asyncpg import Record

from services.invitations.domain.tenancy import Tenant
from services.invitations.errors import TenantNotFound, TenantUnknown
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.database import Transaction
from shared.ids import BEFORE_ALL

_GET = "SELECT id, name, status, settings FROM tenants WHERE id = $1"
# Whoever adds an invitation needs the tenant only to stay, and holds the address, for which we may wait in turn.
_LOCK = f"{_GET} FOR NO KEY UPDATE"
_PAGE = "SELECT id, name, status, settings, sequence FROM tenants WHERE id > $1 ORDER BY id LIMIT $2"
_PUT = """
    INSERT INTO tenants (id, name, status, sequence, settings) VALUES ($1, $2, $3, $4, coalesce($5::jsonb, '{}'))
    ON CONFLICT (id) DO UPDATE
    SET name = excluded.name, status = excluded.status, sequence = excluded.sequence,
        settings = coalesce($5::jsonb, tenants.settings)
    WHERE tenants.sequence < excluded.sequence
"""


async def get(tx: Transaction) -> Tenant:
    """The tenant of the transaction; ``TenantUnknown`` until it was heard of."""
    row = await tx.fetchrow(_GET, tx.tenant_id)
    if row is None:
        raise TenantUnknown
    return _tenant(row)


async def lock(tx: Transaction) -> Tenant:
    """The same for somebody who names it, and nobody else changes it before the end; ``TenantNotFound`` likewise."""
    row = await tx.fetchrow(_LOCK, tx.tenant_id)
    if row is None:
        raise TenantNotFound
    return _tenant(row)


async def put(tx: Transaction, tenant: Tenant, sequence: int, *, with_settings: bool = True) -> None:
    """What an event told of the tenant, unless a newer one has told more.

    Not ``with_settings``: it told nothing of them, and what is known of them stays.
    """
    settings = tenant.settings.model_dump(mode="json") if with_settings else None
    await tx.execute(_PUT, tenant.id, tenant.name, tenant.status, sequence, settings)


async def page(across: Transaction, after: UUID | None, limit: int) -> list[tuple[Tenant, int]]:
    """Up to ``limit`` tenants of all by id, behind ``after``, each with what was heard of it last."""
    rows = await across.fetch(_PAGE, after or BEFORE_ALL, limit)
    return [(_tenant(row), row["sequence"]) for row in rows]


def _tenant(row: Record) -> Tenant:
    settings = TenantSettings.model_validate(row["settings"])
    return Tenant(row["id"], row["name"], TenantStatus(row["status"]), settings)
