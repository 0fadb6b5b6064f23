"""Hearing that the proof of a domain is gone."""

from dataclasses import dataclass

from services.auth.domain.members import MOST_ADMINS_TOLD
from services.auth.postbox import Postbox
from services.auth.repository import domains, memberships, tenants
from shared.contracts.tenants import DomainLapsed
from shared.database import Transaction
from shared.messaging.envelope import Envelope


@dataclass(frozen=True, slots=True)
class LapseDomain:
    """Let nobody in by the domain any more, and tell those who run the tenant. Late or again, it does neither."""

    postbox: Postbox

    async def __call__(self, tx: Transaction, event: DomainLapsed, envelope: Envelope) -> None:
        if not await domains.retire(tx, event.tenant_id, event.domain, envelope.sequence):
            return
        tenant = await tenants.find(tx, event.tenant_id)
        if tenant is None:
            return
        for admin in await memberships.admins(tx, event.tenant_id, MOST_ADMINS_TOLD):
            await self.postbox.domain_lapsed(tx, admin, event.domain, tenant)
