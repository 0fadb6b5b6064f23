"""Telling other services what there is, so that they can compare it with what they have heard."""

from dataclasses import dataclass
from uuid import UUID

from services.tenants.repository import snapshot
from services.tenants.repository.snapshot import TenantCopy
from shared.database import Database
from shared.messaging.watermark import watermark


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """All tenants with their verified domains, page by page. Take the watermark first."""

    database: Database

    async def watermark(self) -> int:
        """The pages read from now on know of all events with smaller sequences."""
        return await watermark(self.database)

    async def __call__(self, *, after: UUID | None, limit: int) -> list[TenantCopy]:
        """Up to ``limit`` tenants behind ``after``, by id."""
        async with self.database.look_up() as across:
            return await snapshot.page(across, after=after, limit=limit)
