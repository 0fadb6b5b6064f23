"""The events of others that auth listens to."""

from services.auth.use_cases.hear_of_domain import HearOfDomain
from services.auth.use_cases.replicate_tenants import replicate_tenant, retire_domain
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


def consumer(database: Database, hear_of_domain: HearOfDomain) -> Consumer:
    """The listener of auth."""
    return Consumer(
        "auth",
        database,
        (
            on(TenantCreated, replicate_tenant),
            on(TenantSuspended, replicate_tenant),
            on(TenantResumed, replicate_tenant),
            on(TenantUpdated, replicate_tenant),
            on(DomainVerified, hear_of_domain.counts),
            on(DomainUpdated, hear_of_domain.counts),
            on(DomainLapsed, hear_of_domain.lapsed),
            on(DomainRemoved, retire_domain),
        ),
    )
