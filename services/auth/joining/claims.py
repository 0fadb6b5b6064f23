"""Finds the tenant that an e-mail domain leads to."""

from services.auth.domain.accounts import Tenant
from services.auth.domain.domain_claims import DomainClaim, nearest_claim
from services.auth.repository import domains, tenants
from shared.contracts.domains import claims_over
from shared.contracts.email import Email, domain_of
from shared.contracts.tenancy import EnrolmentMode
from shared.database import Database


async def claim_on(database: Database, email: Email) -> tuple[DomainClaim, Tenant] | None:
    """The verified claim that decides about ``email``, with its tenant.

    None where the domain lets nobody in, be it by its mode or because the tenant wants no self-sign-up.
    """
    domain = domain_of(email)
    async with database.look_up() as tx:
        claim = nearest_claim(domain, await domains.claims_on(tx, claims_over(domain)))
        if claim is None or claim.mode is EnrolmentMode.MANUAL:
            return None
        tenant = await tenants.find(tx, claim.tenant_id)
    return (claim, tenant) if tenant and tenant.settings.self_sign_up else None
