"""Showing where a sign-up would lead."""

from dataclasses import dataclass

from services.auth.domain.accounts import Tenant
from services.auth.domain.domain_claims import DomainClaim
from services.auth.joining.claims import claim_on
from shared.contracts.email import Email
from shared.database import Database


@dataclass(frozen=True, slots=True)
class PreviewEnrolment:
    """The tenant that the domain of an address leads to, and how; ``None`` where it leads nowhere at present.

    It looks at the domain only, so it says nothing of whether the address has an account or an invitation.
    """

    database: Database

    async def __call__(self, email: Email) -> tuple[DomainClaim, Tenant] | None:
        found = await claim_on(self.database, email)
        return None if found is None or found[1].is_suspended else found
