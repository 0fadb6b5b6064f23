"""Looking whether domains are still those of the tenants that proved it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.tenants.domain.claims import DomainClaim, Proof
from services.tenants.errors import DnsUnavailable
from services.tenants.repository import domain_claims, tenants
from shared.clock import Clock
from shared.contracts.tenants import DomainLapsed
from shared.database import Database
from shared.messaging.outbox import tell

AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class CheckDomains:
    """Look again for each proof once per ``period``; a claim lapses whose proof is missing for ``grace``.

    A DNS that does not answer says nothing. Any number of replicas may do this at once: each claim is looked at by
    one of them, and if that one dies over it, a period later by another.
    """

    database: Database
    txt_records: Callable[[str], Awaitable[Sequence[str]]]
    clock: Clock
    period: timedelta
    grace: timedelta

    async def __call__(self) -> None:
        """Check what is due, a few domains side by side, until nothing is."""
        while due := await self._due():
            async with asyncio.TaskGroup() as side_by_side:
                for tenant_id, domain in due:
                    side_by_side.create_task(self._check(tenant_id, domain))

    async def _due(self) -> list[tuple[UUID, str]]:
        async with self.database.look_up() as across:
            return await domain_claims.due(across, before=self._due_before(), limit=AT_ONCE)

    async def _check(self, tenant_id: UUID, domain: str) -> None:
        claim = await self._take_turn(tenant_id, domain)
        if claim is None:
            return
        try:
            found = await self.txt_records(claim.txt_record.name)
        except DnsUnavailable:
            return
        async with self.database.transaction(tenant_id) as tx:
            await tenants.lock(tx, tenant_id)
            current = await domain_claims.find(tx, tenant_id, domain)
            if current is None or not current.is_verified:
                return
            checked = self._judged(current, claim.txt_record.value in found)
            if checked != current:
                await domain_claims.save(tx, checked)
            if not checked.is_verified:
                await tell(tx, checked.told_as(DomainLapsed), clock=self.clock)

    def _judged(self, claim: DomainClaim, is_there: bool) -> DomainClaim:
        now = self.clock()
        return claim.proven(Proof.DNS, at=now) if is_there else claim.missed(at=now, grace=self.grace)

    async def _take_turn(self, tenant_id: UUID, domain: str) -> DomainClaim | None:
        async with self.database.transaction(tenant_id) as tx:
            before, now = self._due_before(), self.clock()
            if not await domain_claims.take_turn(tx, tenant_id, domain, before=before, at=now):
                return None
            return await domain_claims.find(tx, tenant_id, domain)

    def _due_before(self) -> datetime:
        return self.clock() - self.period
