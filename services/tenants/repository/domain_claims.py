"""The table ``domain_claims``."""

from collections.abc import Sequence

from services.tenants.domain import VerifiedDomain
from services.tenants.errors import DomainTaken
from shared.database import Transaction

_ADD = """
    INSERT INTO domain_claims
           (tenant_id, domain, mode, include_subdomains, status, verified_by, verified_at, created_at)
    VALUES ($1, $2, $3, $4, 'verified', 'operator', $5, $5)
    ON CONFLICT (domain) WHERE status = 'verified' DO NOTHING
"""


async def add(tx: Transaction, domains: Sequence[VerifiedDomain]) -> None:
    """Put in what an operator vouches for; ``DomainTaken`` when another tenant has proven one of them to be theirs."""
    # Always in the same order: two who want the same domains then wait for each other in a queue, not in a circle.
    for claim in sorted(domains, key=lambda domain: domain.domain):
        added = await tx.execute(
            _ADD, claim.tenant_id, claim.domain, claim.mode, claim.include_subdomains, claim.verified_at
        )
        if not added:
            raise DomainTaken(f"{claim.domain} is another tenant's verified domain.")
