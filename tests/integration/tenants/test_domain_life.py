"""Claims on domains driven at random, beside a model that says what must become of each request."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.tenants.dns import TxtRecords
from services.tenants.domain.claims import UNPROVEN_LIFE, TxtRecord
from services.tenants.domain.tenants import Slug
from services.tenants.errors import (
    DnsUnavailable,
    DomainAlreadyVerified,
    DomainNotFound,
    DomainTaken,
    TxtRecordMissing,
)
from services.tenants.use_cases.change_domain import ChangeDomain
from services.tenants.use_cases.check_domains import CheckDomains
from services.tenants.use_cases.claim_domain import ClaimDomain
from services.tenants.use_cases.create_tenant import CreateTenant, NewTenant
from services.tenants.use_cases.expire_claims import ExpireClaims
from services.tenants.use_cases.remove_domain import RemoveDomain
from services.tenants.use_cases.verify_domain import VerifyDomain
from shared.contracts.tenancy import EnrolmentMode
from shared.errors import Problem
from tests.integration.tenants.desk import Desk
from tests.integration.tenants.domain_stories import (
    DEEDS,
    DOMAINS,
    LAPSED,
    START,
    TENANTS,
    UNVERIFIED,
    VERIFIED,
    Key,
    Known,
    modes,
    owners_told,
)
from tests.support.name_server import NameServer

T = TypeVar("T")
Outcome = type[Problem] | None
PERIOD, GRACE = timedelta(hours=24), timedelta(hours=72)


class Life(RuleBasedStateMachine):
    """Three tenants who all claim one domain, and could prove it; an operator has vouched for another."""

    numbers = count()
    desk: Desk
    dns: NameServer
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the test's own loop do it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def outcome(self, work: Coroutine[Any, Any, object]) -> Outcome:
        """By which problem it is refused, if it is."""
        try:
            self.do(work)
        except Problem as problem:
            return type(problem)
        return None

    @initialize(mode=modes)
    def begin(self, mode: EnrolmentMode) -> None:
        self.do(self.desk.rows("TRUNCATE domain_claims, outbox"))
        self.dns.texts.clear()
        self.now = START
        database, records = self.desk.database, TxtRecords.at([self.dns.address])
        self.claims: dict[Key, Known] = {(0, DOMAINS[1]): Known(mode, False, START, VERIFIED, by_operator=True)}
        vouched_for: list[tuple[tuple[str, EnrolmentMode], ...]] = [((DOMAINS[1], mode),), (), ()]
        number, create = next(self.numbers), CreateTenant(database, self.clock)
        self.ids: list[UUID] = [
            self.do(create(NewTenant("Company", Slug(f"t{number}-{each}"), given))).id
            for each, given in enumerate(vouched_for)
        ]
        self.claim_domain = ClaimDomain(database, self.clock)
        self.verify_domain = VerifyDomain(database, records, self.clock)
        self.change_domain = ChangeDomain(database, self.clock)
        self.remove_domain = RemoveDomain(database, self.clock)
        self.expire_claims = ExpireClaims(database, self.clock)
        self.check_domains = CheckDomains(database, records, self.clock, PERIOD, GRACE)
        for tenant in TENANTS:
            self.claim(tenant, DOMAINS[0], mode, False)
            self.publish_or_withdraw(tenant, DOMAINS[0])

    def clock(self) -> datetime:
        return self.now

    # --- what the model knows

    def there(self, key: Key) -> Known | None:
        claim = self.claims.get(key)
        expired = claim and claim.status is UNVERIFIED and self.now >= claim.began + UNPROVEN_LIFE
        return None if expired else claim

    def owner(self, domain: str) -> int | None:
        owners = [who for (who, name), each in self.claims.items() if name == domain and each.status is VERIFIED]
        assert len(owners) <= 1
        return owners[0] if owners else None

    def is_published(self, key: Key) -> bool:
        record = TxtRecord.asked_of(self.ids[key[0]], key[1])
        return record.value in self.dns.texts.get(record.name, ())

    def is_due(self, claim: Known) -> bool:
        before = self.now - PERIOD
        return claim.status is VERIFIED and not claim.by_operator and (claim.looked_for or claim.verified_at) < before

    def verifying(self, key: Key) -> Outcome:
        """By what a proof is refused."""
        claim = self.there(key)
        if claim is None:
            return DomainNotFound
        if claim.status is VERIFIED and claim.by_operator:
            return None
        if self.owner(key[1]) not in {None, key[0]}:
            return DomainTaken
        if self.dns.failing:
            return DnsUnavailable
        return None if self.is_published(key) else TxtRecordMissing

    def prove(self, key: Key) -> None:
        claim = self.claims[key]
        claim.missing_since = None
        if claim.status is not VERIFIED:
            claim.status, claim.by_operator, claim.verified_at = VERIFIED, False, self.now

    # --- what tenants do

    def claim(self, tenant: int, domain: str, mode: EnrolmentMode, wide: bool) -> None:
        """Only what another has proven is taken; what it merely claims, or has lost, is not."""
        outcome = self.outcome(self.claim_domain(self.ids[tenant], domain, mode, include_subdomains=wide))
        owner = self.owner(domain)
        if owner is not None:
            assert outcome is (DomainAlreadyVerified if owner == tenant else DomainTaken)
        else:
            assert outcome is None
            former = self.claims.get((tenant, domain))
            self.claims[tenant, domain] = Known(mode, wide, self.now, looked_for=former.looked_for if former else None)

    def verify(self, tenant: int, domain: str, outage: bool) -> None:
        key, self.dns.failing = (tenant, domain), outage
        wanted = self.verifying(key)
        assert self.outcome(self.verify_domain(self.ids[tenant], domain)) is wanted
        if wanted is None:
            self.prove(key)

    def verify_all_at_once(self, domain: str) -> None:
        """Of several who can prove it, one gets it."""
        self.dns.failing = False
        wanted = {tenant: self.verifying((tenant, domain)) for tenant in TENANTS}

        async def all_at_once() -> list[Any]:
            return await asyncio.gather(
                *(self.verify_domain(self.ids[tenant], domain) for tenant in TENANTS), return_exceptions=True
            )

        outcomes = dict(zip(TENANTS, self.do(all_at_once()), strict=True))
        can = {tenant for tenant in TENANTS if wanted[tenant] is None}
        got = {tenant for tenant in TENANTS if not isinstance(outcomes[tenant], BaseException)}
        assert got <= can
        assert len(got) == min(len(can), 1)
        for tenant in TENANTS:
            refused = type(outcomes[tenant])
            assert tenant in got or refused is DomainTaken or (tenant not in can and refused is wanted[tenant])
        for tenant in got:
            self.prove((tenant, domain))

    def change(self, tenant: int, domain: str, mode: EnrolmentMode, wide: bool) -> None:
        claim = self.there((tenant, domain))
        outcome = self.outcome(self.change_domain(self.ids[tenant], domain, mode, wide))
        assert outcome is (None if claim else DomainNotFound)
        if claim:
            claim.mode, claim.wide = mode, wide

    def give_up(self, tenant: int, domain: str) -> None:
        claim = self.there((tenant, domain))
        outcome = self.outcome(self.remove_domain(self.ids[tenant], domain))
        assert outcome is (None if claim else DomainNotFound)
        if claim:
            del self.claims[tenant, domain]

    # --- what the DNS and time do

    def publish_or_withdraw(self, tenant: int, domain: str) -> None:
        record = TxtRecord.asked_of(self.ids[tenant], domain)
        texts = self.dns.texts.setdefault(record.name, [])
        if record.value in texts:
            texts.remove(record.value)
        else:
            texts.append(record.value)

    def the_owner_lets_it_go(self, domain: str) -> None:
        owner = self.owner(domain)
        if owner is not None and self.is_published((owner, domain)):
            self.publish_or_withdraw(owner, domain)
        self.days_go_by(5, outage=False)

    def a_month_goes_by_and_nobody_looks(self) -> None:
        self.now += UNPROVEN_LIFE

    def days_go_by(self, days: int, outage: bool) -> None:
        self.dns.failing = outage
        for _ in range(days):
            self.now += PERIOD + timedelta(seconds=1)
            self.look_for_the_proofs()
            self.the_claims_are_what_the_model_says()

    def look_for_the_proofs(self) -> None:
        self.do(self.check_domains())
        for key, claim in self.claims.items():
            if not self.is_due(claim):
                continue
            claim.looked_for = self.now
            if self.dns.failing:
                continue
            if self.is_published(key):
                claim.missing_since = None
            elif claim.missing_since is None:
                claim.missing_since = self.now
            elif self.now - claim.missing_since >= GRACE:
                claim.status, claim.missing_since = LAPSED, None

    def tidy_up(self) -> None:
        self.do(self.expire_claims())
        self.claims = {key: claim for key, claim in self.claims.items() if self.there(key)}

    @rule(deed=DEEDS)
    def something_happens(self, deed: tuple[str, tuple[Any, ...]]) -> None:
        what, about = deed
        getattr(self, what)(*about)

    # --- what must hold

    @invariant()
    def the_claims_are_what_the_model_says(self) -> None:
        async def stored() -> list[Any]:
            async with self.desk.database.look_up() as across:
                return await across.fetch(
                    "SELECT tenant_id, domain, status, mode, include_subdomains FROM domain_claims"
                )

        known = {
            (self.ids[tenant], domain, claim.status, claim.mode, claim.wide)
            for (tenant, domain), claim in self.claims.items()
        }
        assert {tuple(row) for row in self.do(stored())} == known

    def teardown(self) -> None:
        """Whoever follows the events knows who owns what, and nobody was told that a domain had two owners."""
        assert owners_told(self.do(self.desk.told())) == {
            domain: (self.ids[tenant], claim.mode, claim.wide)
            for (tenant, domain), claim in self.claims.items()
            if claim.status is VERIFIED
        }


async def test_whatever_happens_in_whatever_order_a_domain_has_one_owner_who_proved_it(
    desk: Desk, dns: NameServer
) -> None:
    class OnThisDesk(Life):
        pass

    OnThisDesk.desk, OnThisDesk.dns, OnThisDesk.loop = desk, dns, asyncio.get_running_loop()
    # To look for the shortest history that shows a failure would take longer than a test may.
    budget = settings(max_examples=16, stateful_step_count=25, phases=[Phase.generate])
    await asyncio.to_thread(run_state_machine_as_test, OnThisDesk, settings=budget)
