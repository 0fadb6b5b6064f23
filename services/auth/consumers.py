"""The events of others that auth listens to."""

from services.auth.use_cases.lapse_domain import LapseDomain
from services.auth.use_cases.replicate_tenants import replicate_domain, replicate_tenant, retire_domain
from shared.contracts.tenants import (
    DomainLapsed,
    DomainRemoved,
    DomainUpdated,
    DomainVerified,
    TenantCreated,
    TenantResumed,
    TenantSuspended,
    TenantUpdated,
)
from shared.database import Database
from shared.messaging.consumer import Consumer, on


def consumer(database: Database, lapse_domain: LapseDomain) -> Consumer:
    """The listener of auth."""
    return Consumer(
        "auth",
        database,
        (
            on(TenantCreated, replicate_tenant),
            on(TenantSuspended, replicate_tenant),
            on(TenantResumed, replicate_tenant),
            on(TenantUpdated, replicate_tenant),
            on(DomainVerified, replicate_domain),
            on(DomainUpdated, replicate_domain),
            on(DomainLapsed, lapse_domain),
            on(DomainRemoved, retire_domain),
        ),
    )
