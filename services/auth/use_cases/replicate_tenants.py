"""Keeping up with what the tenants service says."""

from services.auth.domain.accounts import Tenant
from services.auth.domain.domain_claims import DomainClaim
from services.auth.repository import domains, tenants
from shared.contracts.tenants import DomainEvent, DomainStateEvent, TenantEvent
from shared.database import Transaction
from shared.messaging.envelope import Envelope


async def replicate_tenant(tx: Transaction, event: TenantEvent, envelope: Envelope) -> None:
    """Take over the state of a tenant. What comes late, after something newer, changes nothing."""
    tenant = Tenant(event.tenant_id, event.name, event.slug, event.status, event.settings)
    await tenants.replicate(tx, tenant, envelope.sequence, with_settings=event.tells_settings)


async def replicate_domain(tx: Transaction, event: DomainStateEvent, envelope: Envelope) -> None:
    """Take over what a proven claim on a domain does. What comes late, after something newer, changes nothing."""
    claim = DomainClaim(event.tenant_id, event.domain, event.mode, event.include_subdomains)
    await domains.replicate(tx, claim, envelope.sequence)


async def retire_domain(tx: Transaction, event: DomainEvent, envelope: Envelope) -> None:
    """A claim counts no more: who is in, stays, and nobody comes after them. Late or again, it changes nothing."""
    await domains.retire(tx, event.tenant_id, event.domain, envelope.sequence)
