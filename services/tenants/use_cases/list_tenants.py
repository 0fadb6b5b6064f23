"""Looking over all customers."""

from dataclasses import dataclass

from services.tenants.domain.tenants import Tenant
from services.tenants.repository import tenants
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ListTenants:
    """Up to ``limit`` tenants by slug, behind the slug ``after``: those whose name or slug contains a text."""

    database: Database

    async def __call__(self, *, containing: str, after: str, limit: int) -> list[Tenant]:
        async with self.database.look_up() as across:
            return await tenants.page(across, containing=containing, after=after, limit=limit)
