"""The verified claims of tenants on e-mail domains, and which of them speaks for an address."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from shared.contracts.domains import claims_over, matches
from shared.contracts.tenancy import EnrolmentMode

_EASIER = (EnrolmentMode.MANUAL, EnrolmentMode.APPROVAL, EnrolmentMode.AUTOMATIC)


@dataclass(frozen=True, slots=True)
class DomainClaim:
    """A tenant's proven right to a domain, and what it does for people there."""

    tenant_id: UUID
    domain: str
    mode: EnrolmentMode
    include_subdomains: bool

    def lets_in_more_than(self, before: Self | None) -> bool:
        """Whether somebody gets in by it who did not by the same claim ``before``, or with less ado."""
        if before is None:
            return True
        opens = _EASIER.index(self.mode) > _EASIER.index(before.mode)
        return opens or (self.include_subdomains and not before.include_subdomains)


def nearest_claim(domain: str, claims: Iterable[DomainClaim]) -> DomainClaim | None:
    """The claim that decides about ``domain``: its own, or else that of its nearest parent which includes subdomains.

    Of two on the same domain the first counts; give them newest first.
    """
    nearness = {name: steps for steps, name in enumerate(claims_over(domain))}
    fitting = [claim for claim in claims if matches(domain, claim.domain, claim.include_subdomains)]
    return min(fitting, key=lambda claim: nearness[claim.domain], default=None)
