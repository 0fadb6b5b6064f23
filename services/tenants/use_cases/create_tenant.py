"""Opening the product to a new customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.tenants.domain.claims import DomainClaim
from services.tenants.domain.tenants import Slug, Tenant
from services.tenants.errors import PublicDomain
from services.tenants.repository import domain_claims, tenants
from shared.clock import Clock
from shared.contracts.domains import InvalidDomain
from shared.contracts.email import Email
from shared.contracts.tenancy import EnrolmentMode
from shared.contracts.tenants import DomainVerified, TenantCreated
from shared.database import Database
from shared.errors import FieldError
from shared.ids import new_id
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What an operator says about a new customer; ``domains`` are canonical, each there once."""

    name: str
    slug: Slug
    domains: Sequence[tuple[str, EnrolmentMode]] = ()
    owner_email: Email | None = None


@dataclass(frozen=True, slots=True)
class CreateTenant:
    """Create a tenant with its domains, all of it or nothing; whoever is to own it will be invited.

    However many try at once, one of them gets a slug, and one a domain.
    """

    database: Database
    clock: Clock

    async def __call__(self, new: NewTenant) -> Tenant:
        now = self.clock()
        tenant = Tenant.found(new_id(), name=new.name, slug=new.slug, at=now)
        domains = [_claimed(tenant, number, domain, mode, now) for number, (domain, mode) in enumerate(new.domains)]
        created = tenant.told_as(TenantCreated).model_copy(update={"owner_email": new.owner_email})
        async with self.database.transaction(tenant.id) as tx:
            await tenants.add(tx, tenant)
            await domain_claims.add(tx, domains)
            await tell(tx, created, *(domain.told_as(DomainVerified) for domain in domains), clock=self.clock)
        return tenant


def _claimed(tenant: Tenant, number: int, domain: str, mode: EnrolmentMode, at: datetime) -> DomainClaim:
    try:
        return DomainClaim.by_operator(tenant.id, domain, mode, at=at)
    except (InvalidDomain, PublicDomain) as error:
        error.errors = (FieldError(f"domains.{number}.domain", error.detail),)
        raise
