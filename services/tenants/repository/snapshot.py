"""What other services keep of the tenants, as it is now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.ids import BEFORE_ALL

_PAGE = """
    SELECT t.id AS tenant_id, t.name, t.slug, t.status, t.settings,
           coalesce((SELECT jsonb_agg(jsonb_build_object('domain', c.domain, 'mode', c.mode,
                                                         'include_subdomains', c.include_subdomains) ORDER BY c.domain)
                       FROM domain_claims AS c WHERE c.tenant_id = t.id AND c.status = 'verified'), '[]') AS domains
      FROM tenants AS t WHERE t.id > $1 ORDER BY t.id LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class TenantCopy:
    """A tenant with its verified domains by name, each with what it does for people there."""

    tenant_id: UUID
    name: str
    slug: str
    status: str
    settings: dict[str, Any]
    domains: list[dict[str, Any]]


async def page(across: Transaction, *, after: UUID | None, limit: int) -> list[TenantCopy]:
    """Up to ``limit`` tenants by id, behind ``after``; on a look-up connection."""
    return [TenantCopy(**row) for row in await across.fetch(_PAGE, after or BEFORE_ALL, limit)]
