"""Hearing what becomes of a domain, but for its removal."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from services.auth.domain.accounts import Tenant
from services.auth.domain.domain_claims import DomainClaim
from services.auth.domain.members import MOST_ADMINS_TOLD
from services.auth.postbox import Postbox
from services.auth.repository import domains, memberships, tenants
from shared.contracts.email import Email
from shared.contracts.tenants import DomainLapsed, DomainStateEvent
from shared.database import Transaction
from shared.messaging.envelope import Envelope

Tell = Callable[[Email, Tenant], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class HearOfDomain:
    """Who gets in by it changes, and those who run the tenant are told. Late or again, it does neither.

    Also of what lets more people in: whoever runs the tenant for one day more could prove a domain of their own, to
    come back by it.
    """

    postbox: Postbox

    async def counts(self, tx: Transaction, event: DomainStateEvent, envelope: Envelope) -> None:
        """It is proven, or does something else from now on: its people get in as its mode says."""
        claim = DomainClaim(event.tenant_id, event.domain, event.mode, event.include_subdomains)
        before = await domains.find(tx, claim.tenant_id, claim.domain)
        if await domains.replicate(tx, claim, envelope.sequence) and claim.lets_in_more_than(before):
            await self._tell(tx, event, lambda to, tenant: self.postbox.domain_counts(tx, to, claim, tenant))

    async def lapsed(self, tx: Transaction, event: DomainLapsed, envelope: Envelope) -> None:
        """Nobody gets in by it any more."""
        if await domains.retire(tx, event.tenant_id, event.domain, envelope.sequence):
            await self._tell(tx, event, lambda to, tenant: self.postbox.domain_lapsed(tx, to, event.domain, tenant))

    async def _tell(self, tx: Transaction, event: DomainStateEvent, tell: Tell) -> None:
        tenant = await tenants.find(tx, event.tenant_id)
        if tenant is None:
            return
        for admin in await memberships.admins(tx, event.tenant_id, MOST_ADMINS_TOLD):
            await tell(admin, tenant)
