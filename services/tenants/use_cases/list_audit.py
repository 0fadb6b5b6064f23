"""Looking at what has happened in one's own tenant."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from services.tenants.domain.audit import AuditEntry, Place, Wanted
from services.tenants.repository import audit
from shared.database import Database

EXPORTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ListAudit:
    """Up to ``limit`` entries, newest first, behind ``after``."""

    database: Database

    async def __call__(self, tenant_id: UUID, wanted: Wanted, *, after: Place | None, limit: int) -> list[AuditEntry]:
        async with self.database.transaction(tenant_id) as tx:
            return await audit.page(tx, tenant_id, wanted, after=after, limit=limit)

    async def pages(self, tenant_id: UUID, wanted: Wanted) -> AsyncIterator[list[AuditEntry]]:
        """All of it, page by page; no connection is held while somebody slow reads one. There is at least one page."""
        after: Place | None = None
        while True:
            page = await self(tenant_id, wanted, after=after, limit=EXPORTED_AT_ONCE)
            yield page
            if len(page) < EXPORTED_AT_ONCE:
                return
            after = page[-1].place
