"""The events of others that auth listens to."""

from services.auth.use_cases.replicate_tenants import replicate_domain, replicate_tenant
from shared.contracts.tenants import DomainVerified, TenantCreated, TenantResumed, TenantSuspended
from shared.database import Database
from shared.messaging.consumer import Consumer, on


def consumer(database: Database) -> Consumer:
    """The listener of auth."""
    return Consumer(
        "auth",
        database,
        (
            on(TenantCreated, replicate_tenant),
            on(TenantSuspended, replicate_tenant),
            on(TenantResumed, replicate_tenant),
            on(DomainVerified, replicate_domain),
        ),
    )
