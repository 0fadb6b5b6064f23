"""The table ``domain_claims``."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from asyncpg import Record

from services.tenants.domain.claims import UNPROVEN_LIFE, ClaimStatus, DomainClaim, Proof
from services.tenants.errors import DomainNotFound, DomainTaken
from shared.contracts.tenancy import EnrolmentMode
from shared.database import Transaction

_COLUMNS = "tenant_id, domain, mode, include_subdomains, status, verified_by, verified_at, created_at, missing_since"
_ADD = f"""
    INSERT INTO domain_claims ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (domain) WHERE status = 'verified' DO NOTHING
"""  # noqa: S608 - column names of this module
_FIND = f"SELECT {_COLUMNS} FROM domain_claims WHERE tenant_id = $1 AND domain = $2"  # noqa: S608
_SAVE = """
    UPDATE domain_claims
       SET mode = $3, include_subdomains = $4, status = $5, verified_by = $6, verified_at = $7, created_at = $8,
           missing_since = $9
     WHERE tenant_id = $1 AND domain = $2
"""
_REMOVE = "DELETE FROM domain_claims WHERE tenant_id = $1 AND domain = $2"
_PAGE = f"""
    SELECT {_COLUMNS} FROM domain_claims
     WHERE tenant_id = $1 AND domain > $2 AND NOT (status = 'unverified' AND created_at <= $4)
     ORDER BY domain LIMIT $3
"""  # noqa: S608
_COUNT = "SELECT count(*) FROM domain_claims WHERE tenant_id = $1 AND NOT (status = 'unverified' AND created_at <= $2)"
_OWNED_BY_ANOTHER = """
    SELECT true FROM domain_claims WHERE domain = $1 AND status = 'verified' AND tenant_id <> $2
"""
_DUE = """
    SELECT tenant_id, domain FROM domain_claims
     WHERE status = 'verified' AND verified_by = 'dns' AND coalesce(checked_at, verified_at) < $1
     ORDER BY coalesce(checked_at, verified_at) LIMIT $2
"""
_TAKE_TURN = """
    UPDATE domain_claims SET checked_at = $4
     WHERE tenant_id = $1 AND domain = $2 AND status = 'verified' AND coalesce(checked_at, verified_at) < $3
"""
_UNPROVEN = """
    SELECT tenant_id, domain FROM domain_claims
     WHERE status = 'unverified' AND created_at <= $1 ORDER BY created_at LIMIT $2
"""


async def add(tx: Transaction, claims: Sequence[DomainClaim]) -> None:
    """Put in claims of one tenant; ``DomainTaken`` when one of them counts, and so does another tenant's."""
    # Always in the same order: two who want the same domains then wait for each other in a queue, not in a circle.
    for claim in sorted(claims, key=lambda each: each.domain):
        if not await tx.execute(_ADD, *_values(claim)):
            raise DomainTaken(f"{claim.domain} is another tenant's verified domain.")


async def find(tx: Transaction, tenant_id: UUID, domain: str) -> DomainClaim | None:
    """The tenant's claim on ``domain``."""
    row = await tx.fetchrow(_FIND, tenant_id, domain)
    return _claim(row) if row else None


async def read(tx: Transaction, tenant_id: UUID, domain: str, *, at: datetime) -> DomainClaim:
    """The tenant's claim on ``domain``; ``DomainNotFound``, also when it ran out unproven by ``at``."""
    claim = await find(tx, tenant_id, domain)
    if claim is None or claim.is_expired(at):
        raise DomainNotFound
    return claim


async def save(tx: Transaction, claim: DomainClaim) -> None:
    """Write what may change of a claim; ``DomainTaken`` when it is to count and another tenant's does."""
    try:
        await tx.execute(_SAVE, *_values(claim))
    except asyncpg.UniqueViolationError as error:
        raise DomainTaken(f"{claim.domain} is another tenant's verified domain.") from error


async def remove(tx: Transaction, claim: DomainClaim) -> None:
    """Take a claim out."""
    await tx.execute(_REMOVE, claim.tenant_id, claim.domain)


async def page(tx: Transaction, tenant_id: UUID, *, after: str, limit: int, at: datetime) -> list[DomainClaim]:
    """The tenant's claims by domain, from the first one behind ``after``, but for those that ran out by ``at``."""
    rows = await tx.fetch(_PAGE, tenant_id, after, limit, at - UNPROVEN_LIFE)
    return [_claim(row) for row in rows]


async def count(tx: Transaction, tenant_id: UUID, *, at: datetime) -> int:
    """How many claims the tenant has, but for those that ran out by ``at``."""
    found: int = await tx.fetchval(_COUNT, tenant_id, at - UNPROVEN_LIFE)
    return found


async def is_anothers(across: Transaction, domain: str, tenant_id: UUID) -> bool:
    """Whether another tenant than this one has proven ``domain`` to be its own."""
    return bool(await across.fetchval(_OWNED_BY_ANOTHER, domain, tenant_id))


async def due(across: Transaction, *, before: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Claims of all tenants whose proof in the DNS was last seen, or looked for, before then; the oldest first."""
    return [(row["tenant_id"], row["domain"]) for row in await across.fetch(_DUE, before, limit)]


async def take_turn(tx: Transaction, tenant_id: UUID, domain: str, *, before: datetime, at: datetime) -> bool:
    """Whether it falls to us to check the claim, of all who find it due."""
    return await tx.execute(_TAKE_TURN, tenant_id, domain, before, at) == 1


async def unproven(across: Transaction, *, at: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Claims of all tenants that nobody has proven in time."""
    return [(row["tenant_id"], row["domain"]) for row in await across.fetch(_UNPROVEN, at - UNPROVEN_LIFE, limit)]


def _values(claim: DomainClaim) -> tuple[object, ...]:
    return (
        claim.tenant_id,
        claim.domain,
        claim.mode,
        claim.include_subdomains,
        claim.status,
        claim.verified_by,
        claim.verified_at,
        claim.created_at,
        claim.missing_since,
    )


def _claim(row: Record) -> DomainClaim:
    return DomainClaim(
        tenant_id=row["tenant_id"],
        domain=row["domain"],
        mode=EnrolmentMode(row["mode"]),
        include_subdomains=row["include_subdomains"],
        status=ClaimStatus(row["status"]),
        verified_by=Proof(row["verified_by"]) if row["verified_by"] else None,
        verified_at=row["verified_at"],
        created_at=row["created_at"],
        missing_since=row["missing_since"],
    )
