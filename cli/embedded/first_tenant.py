"""Remembers which tenant the first start made, as long as the databases remember it too."""

from pathlib import Path
from uuid import UUID

from cli.embedded.databases import DatabaseUrls
from cli.home import write_private
from services.tenants.errors import TenantNotFound
from services.tenants.use_cases.read_tenant import ReadTenant
from shared.database import Database


def remember(file: Path, tenant_id: UUID) -> None:
    """Note that the seeding of ``tenant_id`` is complete."""
    write_private(file, f"{tenant_id}\n")


def remembered(file: Path) -> UUID | None:
    """The tenant that was noted."""
    try:
        return UUID(file.read_text().strip())
    except (FileNotFoundError, ValueError):
        return None


async def is_there(tenants: DatabaseUrls, tenant_id: UUID) -> bool:
    """Whether these are still the databases in which the tenant was made."""
    database = await Database.open("tenants", tenants.serving, tenants.look_up, size=1)
    try:
        await ReadTenant(database)(tenant_id)
    except TenantNotFound:
        return False
    finally:
        await database.close()
    return True
