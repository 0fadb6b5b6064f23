"""Proving that a domain is one's own."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from services.tenants.domain.claims import DomainClaim, Proof, TxtRecord
from services.tenants.errors import DomainTaken, TooManyLookUps, TxtRecordMissing
from services.tenants.repository import domain_claims, tenants
from shared.clock import Clock
from shared.contracts.tenants import DomainVerified
from shared.database import Database
from shared.messaging.outbox import tell

MOST_AT_ONCE = 5
"""Look-ups for one tenant, in each process."""

RETRY_AFTER_SECONDS = 5.0
MOST_SHOWN = 5
LONGEST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class VerifyDomain:
    """Look for the record that proves the claim; from then on it counts. Verifying twice is a success.

    However many tenants prove the same domain at once, one of them gets it. The DNS is asked outside of any
    transaction, so that a slow one holds nobody up; and for one tenant only so often at once, so that all the slow ones
    of one leave room for others: ``TooManyLookUps``.
    """

    database: Database
    txt_records: Callable[[str], Awaitable[Sequence[str]]]
    clock: Clock
    _asking: Counter[UUID] = field(default_factory=Counter)

    async def __call__(self, tenant_id: UUID, domain: str) -> DomainClaim:
        async with self.database.transaction(tenant_id) as tx:
            claim = await domain_claims.read(tx, tenant_id, domain, at=self.clock())
        if claim.is_verified and claim.verified_by is Proof.OPERATOR:
            return claim
        async with self.database.look_up() as across:
            if await domain_claims.is_anothers(across, domain, tenant_id):
                raise DomainTaken
        with self._look_up_of(tenant_id):
            found = await self.txt_records(claim.txt_record.name)
        if claim.txt_record.value not in found:
            raise TxtRecordMissing(_what_was_found(claim.txt_record, found))
        return await self._prove(tenant_id, domain)

    @contextmanager
    def _look_up_of(self, tenant_id: UUID) -> Iterator[None]:
        if self._asking[tenant_id] >= MOST_AT_ONCE:
            raise TooManyLookUps(retry_after=RETRY_AFTER_SECONDS)
        self._asking[tenant_id] += 1
        try:
            yield
        finally:
            self._asking[tenant_id] -= 1
            if not self._asking[tenant_id]:
                del self._asking[tenant_id]

    async def _prove(self, tenant_id: UUID, domain: str) -> DomainClaim:
        async with self.database.transaction(tenant_id) as tx:
            await tenants.lock(tx, tenant_id)
            claim = await domain_claims.read(tx, tenant_id, domain, at=self.clock())
            proven = claim.proven(Proof.DNS, at=self.clock())
            if proven != claim:
                await domain_claims.save(tx, proven)
            if not claim.is_verified:
                await tell(tx, proven.told_as(DomainVerified), clock=self.clock)
        return proven


def _what_was_found(wanted: TxtRecord, found: Sequence[str]) -> str:
    """What is missing, and what there is instead: that is most often a typing error, and then it shows."""
    missing = f"There is no TXT record at {wanted.name} with the value {wanted.value}."
    if not found:
        return f"{missing} There is none at all; a new one can take a while to be seen."
    shown = ", ".join(ascii(text[:LONGEST_SHOWN]) for text in found[:MOST_SHOWN])
    return f"{missing} Found there: {shown}."
