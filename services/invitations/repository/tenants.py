"""The replica of the tenants."""

from uuid import UUID

from services.invitations.domain.tenancy import Tenant
from services.invitations.errors import TenantUnknown
from shared.contracts.tenancy import TenantStatus
from shared.database import Transaction

_GET = "SELECT id, name, status FROM tenants WHERE id = $1"
_PAGE = """
    SELECT id, name, status, sequence FROM tenants WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2
"""
_PUT = """
    INSERT INTO tenants (id, name, status, sequence) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE
    SET name = excluded.name, status = excluded.status, sequence = excluded.sequence
    WHERE tenants.sequence < excluded.sequence
"""


async def get(tx: Transaction) -> Tenant:
    """The tenant of the transaction; ``TenantUnknown`` until it was heard of."""
    row = await tx.fetchrow(_GET, tx.tenant_id)
    if row is None:
        raise TenantUnknown
    return Tenant(row["id"], row["name"], TenantStatus(row["status"]))


async def put(tx: Transaction, tenant: Tenant, sequence: int) -> None:
    """What an event told of the tenant, unless a newer one has told more."""
    await tx.execute(_PUT, tenant.id, tenant.name, tenant.status, sequence)


async def page(across: Transaction, after: UUID | None, limit: int) -> list[tuple[Tenant, int]]:
    """Up to ``limit`` tenants of all by id, behind ``after``, each with what was heard of it last."""
    rows = await across.fetch(_PAGE, after, limit)
    return [(Tenant(row["id"], row["name"], TenantStatus(row["status"])), row["sequence"]) for row in rows]
