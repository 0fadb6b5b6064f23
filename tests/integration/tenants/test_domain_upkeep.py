"""Proofs are looked for again, and claims that nobody proved run out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.tenants.dns import TxtRecords
from services.tenants.domain.claims import UNPROVEN_LIFE
from services.tenants.use_cases.check_domains import AT_ONCE, CheckDomains
from services.tenants.use_cases.expire_claims import ExpireClaims
from shared.clock import utc_now
from tests.integration.tenants.desk import Desk, Json, an_admin_of, problem
from tests.integration.tenants.test_domains import DOMAINS, claimed, publish, types_told
from tests.support.name_server import NameServer

PERIOD, GRACE = timedelta(hours=24), timedelta(hours=72)
AGED = """
    UPDATE domain_claims SET verified_by = 'dns', verified_at = now() - coalesce($3::interval, $2),
           checked_at = CASE WHEN $3 IS NOT NULL THEN now() - $2 END
     WHERE domain = $1
"""


@dataclass
class Later:
    """A clock that a test moves."""

    offset: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.offset


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
async def check(desk: Desk, dns: NameServer, later: Later) -> CheckDomains:
    return CheckDomains(desk.database, TxtRecords.at([dns.address]), later, PERIOD, GRACE)


async def verified(desk: Desk, dns: NameServer, domain: str = "company.com") -> Json:
    tenant = await desk.create(domain.partition(".")[0])
    publish(dns, await claimed(desk, tenant, domain))
    answer = await desk.post(f"{DOMAINS}/{domain}/verify", by=an_admin_of(tenant))
    assert answer.status_code == 200
    dns.asked.clear()
    return tenant


async def status(desk: Desk, tenant: Json) -> str:
    items = (await desk.get(DOMAINS, an_admin_of(tenant))).json()["items"]
    return str(items[0]["status"])


async def test_a_fresh_proof_is_left_alone_for_a_day(desk: Desk, dns: NameServer, check: CheckDomains) -> None:
    await verified(desk, dns)
    await check()
    assert dns.asked == []


async def test_a_proof_that_stays_is_looked_for_once_a_day(
    desk: Desk, dns: NameServer, check: CheckDomains, later: Later
) -> None:
    tenant = await verified(desk, dns)
    later.offset = PERIOD
    await check()
    await check()
    assert dns.asked == ["_sparknode.company.com"]
    assert await status(desk, tenant) == "verified"


async def test_a_proof_that_is_gone_for_days_lapses(
    desk: Desk, dns: NameServer, check: CheckDomains, later: Later
) -> None:
    """Truffle 2025: whoever lets a domain go lets nobody in by it."""
    tenant = await verified(desk, dns)
    dns.texts.clear()
    for day in range(1, 4):
        later.offset = day * PERIOD
        await check()
        assert await status(desk, tenant) == "verified"
    later.offset = 4 * PERIOD
    await check()
    assert await status(desk, tenant) == "lapsed"
    assert (await types_told(desk))[-1] == "tenants.domain.lapsed.v1"
    await check()
    assert (await types_told(desk)).count("tenants.domain.lapsed.v1") == 1


async def test_a_lapsed_domain_is_anybodys_to_prove(
    desk: Desk, dns: NameServer, check: CheckDomains, later: Later
) -> None:
    await verified(desk, dns)
    dns.texts.clear()
    for day in range(1, 5):
        later.offset = day * PERIOD
        await check()
    heir = await desk.create("heir")
    publish(dns, await claimed(desk, heir))
    assert (await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(heir))).json()["status"] == "verified"


async def test_a_dns_that_does_not_answer_takes_no_domain_away(
    desk: Desk, dns: NameServer, check: CheckDomains, later: Later
) -> None:
    tenant = await verified(desk, dns)
    dns.failing = True
    for day in range(1, 10):
        later.offset = day * PERIOD
        await check()
    assert await status(desk, tenant) == "verified"
    assert len(dns.asked) >= 9


async def test_two_replicas_ask_once(desk: Desk, dns: NameServer, check: CheckDomains, later: Later) -> None:
    for n in range(12):
        await verified(desk, dns, f"company-{n}.com")
    later.offset = PERIOD
    await check()
    assert sorted(dns.asked) == sorted(f"_sparknode.company-{n}.com" for n in range(12))
    await check()
    assert len(dns.asked) == 12


async def test_the_longest_overdue_are_looked_for_first_whoever_has_more_of_them(desk: Desk, later: Later) -> None:
    asked: list[str] = []

    async def look_for(name: str) -> Sequence[str]:
        asked.append(name.removeprefix("_sparknode."))
        return ()

    overdue = [f"company-{n * 3 % 10}.com" for n in range(2 * AT_ONCE)]
    few = overdue[1::AT_ONCE]
    for slug, domains in ("many", set(overdue) - set(few)), ("few", few):
        await desk.create(slug, domains=[{"domain": domain, "mode": "automatic"} for domain in sorted(domains)])
    for days, domain in enumerate(reversed(overdue), start=1):
        # Every other one was proven long ago, and looked for since.
        await desk.rows(AGED, domain, days * PERIOD, (365 + days) * PERIOD if days % 2 else None)
    await desk.rows("DROP INDEX domain_claims_due")  # which gives the order to whoever asks for none
    await CheckDomains(desk.database, look_for, later, PERIOD, GRACE)()
    assert [set(asked[:AT_ONCE]), set(asked[AT_ONCE:])] == [set(overdue[:AT_ONCE]), set(overdue[AT_ONCE:])]


async def test_an_operators_word_is_not_looked_for(
    desk: Desk, dns: NameServer, check: CheckDomains, later: Later
) -> None:
    await desk.create("company", domains=[{"domain": "company.com", "mode": "automatic"}])
    later.offset = 100 * PERIOD
    await check()
    assert dns.asked == []


async def test_a_claim_that_nobody_proves_runs_out(desk: Desk, dns: NameServer, later: Later) -> None:
    tenant = await desk.create("company")
    publish(dns, await claimed(desk, tenant))
    await desk.rows("UPDATE domain_claims SET created_at = created_at - $1::interval", UNPROVEN_LIFE)
    # The second it has run out, whether or not anybody tidies up.
    admin = an_admin_of(tenant)
    assert (await desk.get(DOMAINS, admin)).json()["items"] == []
    assert problem(await desk.post(f"{DOMAINS}/company.com/verify", by=admin)) == (404, "domain_not_found")
    assert problem(await desk.patch(f"{DOMAINS}/company.com", {"mode": "manual"}, admin))[0] == 404

    await ExpireClaims(desk.database, later)()
    await ExpireClaims(desk.database, later)()
    assert await desk.rows("SELECT * FROM domain_claims") == []
    removed = [data for kind, _, _, data in await desk.told() if kind == "tenants.domain.removed.v1"]
    assert removed == [{"tenant_id": tenant["id"], "domain": "company.com"}]


async def test_one_that_was_claimed_again_meanwhile_does_not_run_out(desk: Desk, later: Later) -> None:
    tenant = await desk.create("company")
    await claimed(desk, tenant)
    await desk.rows("UPDATE domain_claims SET created_at = created_at - $1::interval", UNPROVEN_LIFE)
    await claimed(desk, tenant)
    await ExpireClaims(desk.database, later)()
    assert (await desk.get(DOMAINS, an_admin_of(tenant))).json()["items"] != []


async def test_tidying_up_touches_no_other_tenant(desk: Desk, later: Later) -> None:
    old, young = await desk.create("old"), await desk.create("young")
    await claimed(desk, old)
    await claimed(desk, young)
    await desk.rows(
        "UPDATE domain_claims SET created_at = created_at - $1::interval WHERE tenant_id = $2",
        UNPROVEN_LIFE,
        UUID(old["id"]),
    )
    await ExpireClaims(desk.database, later)()
    assert [row["tenant_id"] for row in await desk.rows("SELECT tenant_id FROM domain_claims")] == [UUID(young["id"])]
