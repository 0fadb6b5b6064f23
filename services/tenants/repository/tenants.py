"""The table ``tenants``."""

from uuid import UUID

from asyncpg import Record

from services.tenants.domain.tenants import Slug, Tenant
from services.tenants.errors import SlugTaken, TenantNotFound
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.database import Transaction

_ADD = """
    INSERT INTO tenants (id, name, slug, status, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (slug) DO NOTHING
"""
_READ = "SELECT id, name, slug, status, created_at, settings FROM tenants WHERE id = $1"
_LOCK = _READ + " FOR UPDATE"
_SAVE = "UPDATE tenants SET name = $2, status = $3, settings = $4 WHERE id = $1"
_PAGE = """
    SELECT id, name, slug, status, created_at, settings FROM tenants
     WHERE slug > $1 AND (strpos(lower(name), lower($2)) > 0 OR strpos(slug, lower($2)) > 0)
     ORDER BY slug LIMIT $3
"""


async def add(tx: Transaction, tenant: Tenant) -> None:
    """Put in a new tenant; ``SlugTaken`` when another has its slug, be it since a moment ago."""
    added = await tx.execute(_ADD, tenant.id, tenant.name, tenant.slug, tenant.status, tenant.created_at)
    if not added:
        raise SlugTaken


async def read(tx: Transaction, tenant_id: UUID) -> Tenant:
    """The tenant, as it is now; ``TenantNotFound``."""
    return _found(await tx.fetchrow(_READ, tenant_id))


async def lock(tx: Transaction, tenant_id: UUID) -> Tenant:
    """The tenant, which nobody else changes until ``tx`` ends; ``TenantNotFound``."""
    return _found(await tx.fetchrow(_LOCK, tenant_id))


async def save(tx: Transaction, tenant: Tenant) -> None:
    """Write what may change of a tenant: its name, its status, and its settings."""
    await tx.execute(_SAVE, tenant.id, tenant.name, tenant.status, tenant.settings.model_dump(mode="json"))


async def page(across: Transaction, *, containing: str, after: str, limit: int) -> list[Tenant]:
    """Tenants of all, by slug, from the first one behind ``after``: those with ``containing`` in name or slug.

    Letter case does not matter. Both may be empty: all tenants, from the beginning.
    """
    return [_tenant(row) for row in await across.fetch(_PAGE, after, containing, limit)]


def _found(row: Record | None) -> Tenant:
    if row is None:
        raise TenantNotFound
    return _tenant(row)


def _tenant(row: Record) -> Tenant:
    return Tenant(
        id=row["id"],
        name=row["name"],
        slug=Slug(row["slug"]),
        status=TenantStatus(row["status"]),
        created_at=row["created_at"],
        settings=TenantSettings.model_validate(row["settings"]),
    )
