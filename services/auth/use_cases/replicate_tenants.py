"""Keeping up with what the tenants service says."""

from services.auth.domain.accounts import Tenant
from services.auth.repository import domains, tenants
from shared.contracts.tenants import DomainEvent, TenantEvent
from shared.database import Transaction
from shared.messaging.envelope import Envelope


async def replicate_tenant(tx: Transaction, event: TenantEvent, envelope: Envelope) -> None:
    """Take over the state of a tenant. What comes late, after something newer, changes nothing."""
    tenant = Tenant(event.tenant_id, event.name, event.slug, event.status, event.settings)
    await tenants.replicate(tx, tenant, envelope.sequence, with_settings=event.tells_settings)


async def retire_domain(tx: Transaction, event: DomainEvent, envelope: Envelope) -> None:
    """A claim counts no more: who is in, stays, and nobody comes after them. Late or again, it changes nothing."""
    await domains.retire(tx, event.tenant_id, event.domain, envelope.sequence)
