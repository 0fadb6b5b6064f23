"""The verified claims of tenants on e-mail domains, and which of them speaks for an address."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.domains import claims_over, matches
from shared.contracts.tenancy import EnrolmentMode


@dataclass(frozen=True, slots=True)
class DomainClaim:
    """A tenant's proven right to a domain, and what it does for people there."""

    tenant_id: UUID
    domain: str
    mode: EnrolmentMode
    include_subdomains: bool


def nearest_claim(domain: str, claims: Iterable[DomainClaim]) -> DomainClaim | None:
    """The claim that decides about ``domain``: its own, or else that of its nearest parent which includes subdomains.

    Of two on the same domain the first counts; give them newest first.
    """
    nearness = {name: steps for steps, name in enumerate(claims_over(domain))}
    fitting = [claim for claim in claims if matches(domain, claim.domain, claim.include_subdomains)]
    return min(fitting, key=lambda claim: nearness[claim.domain], default=None)
