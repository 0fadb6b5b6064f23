"""The replica of the verified domain claims."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from services.auth.domain.domain_claims import DomainClaim
from shared.contracts.tenancy import EnrolmentMode
from shared.database import Transaction

_REPLICATE = """
    INSERT INTO domains (tenant_id, domain, mode, include_subdomains, sequence) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, domain) DO UPDATE
       SET mode = excluded.mode, include_subdomains = excluded.include_subdomains, counts = true,
           sequence = excluded.sequence
     WHERE domains.sequence < excluded.sequence
"""
# A row is there afterwards in any case, so that a proof that comes only now is known to be old.
_RETIRE = """
    INSERT INTO domains (tenant_id, domain, mode, include_subdomains, counts, sequence)
    VALUES ($1, $2, 'manual', false, false, $3)
    ON CONFLICT (tenant_id, domain) DO UPDATE SET counts = false, sequence = excluded.sequence
     WHERE domains.sequence < excluded.sequence
"""


async def claims_on(tx: Transaction, domains: Sequence[str]) -> list[DomainClaim]:
    """Who has proven a right to any of ``domains``, newest first; across tenants on a look-up connection."""
    sql = """
        SELECT tenant_id, domain, mode, include_subdomains
          FROM domains WHERE domain = ANY($1::text[]) AND counts ORDER BY sequence DESC
    """
    return [_claim(row) for row in await tx.fetch(sql, list(domains))]


async def find(tx: Transaction, tenant_id: UUID, domain: str) -> DomainClaim | None:
    """The tenant's claim on exactly this domain, if it counts."""
    sql = """
        SELECT tenant_id, domain, mode, include_subdomains
          FROM domains WHERE tenant_id = $1 AND domain = $2 AND counts
    """
    row = await tx.fetchrow(sql, tenant_id, domain)
    return _claim(row) if row else None


async def replicate(tx: Transaction, claim: DomainClaim, sequence: int) -> bool:
    """Take over what the tenants service says; false, and nothing done, when something newer is known already."""
    values = (claim.tenant_id, claim.domain, claim.mode, claim.include_subdomains, sequence)
    return await tx.execute(_REPLICATE, *values) == 1


async def retire(tx: Transaction, tenant_id: UUID, domain: str, sequence: int) -> bool:
    """It counts no more; false, and nothing done, when something newer is known already."""
    return await tx.execute(_RETIRE, tenant_id, domain, sequence) == 1


async def retire_others(tx: Transaction, tenant_id: UUID, domains: Sequence[str], sequence: int) -> None:
    """All of a tenant's but ``domains`` count no more, unless something newer is known of one already."""
    sql = """
        UPDATE domains SET counts = false, sequence = $3
         WHERE tenant_id = $1 AND domain <> ALL($2::text[]) AND counts AND sequence < $3
    """
    await tx.execute(sql, tenant_id, list(domains), sequence)


async def of_tenants(
    across: Transaction, tenant_ids: Sequence[UUID]
) -> tuple[dict[UUID, list[DomainClaim]], dict[UUID, int]]:
    """The claims of ``tenant_ids`` that count, and what was heard last of each tenant's; on a look-up connection."""
    sql = """
        SELECT tenant_id, domain, mode, include_subdomains, counts, sequence
          FROM domains WHERE tenant_id = ANY($1::uuid[])
    """
    claims: dict[UUID, list[DomainClaim]] = {}
    newest: dict[UUID, int] = {}
    for row in await across.fetch(sql, list(tenant_ids)):
        newest[row["tenant_id"]] = max(row["sequence"], newest.get(row["tenant_id"], 0))
        if row["counts"]:
            claims.setdefault(row["tenant_id"], []).append(_claim(row))
    return claims, newest


def _claim(row: Record) -> DomainClaim:
    return DomainClaim(row["tenant_id"], row["domain"], EnrolmentMode(row["mode"]), row["include_subdomains"])
