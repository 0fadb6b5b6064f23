"""Two who do something about one domain at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from services.tenants.dns import TxtRecords
from services.tenants.domain.claims import UNPROVEN_LIFE
from services.tenants.repository import domain_claims, snapshot
from services.tenants.use_cases.check_domains import CheckDomains
from services.tenants.use_cases.expire_claims import ExpireClaims
from shared.clock import utc_now
from tests.integration.tenants.desk import Desk, an_admin_of
from tests.integration.tenants.test_domains import DOMAINS, claimed, publish, types_told
from tests.support.connections import waiting
from tests.support.name_server import NameServer

DAY = timedelta(days=1)
HOLD = "SELECT FROM tenants WHERE id = $1 FOR UPDATE"
PROVE = "UPDATE domain_claims SET status = 'verified', verified_by = 'operator', verified_at = now()"


async def test_whoever_tells_of_a_domain_waits_for_its_tenant(desk: Desk, dns: NameServer) -> None:
    """So the events of a domain are told in the order in which things happened."""
    tenant = await desk.create("company")
    admin, path = an_admin_of(tenant), f"{DOMAINS}/company.com"
    publish(dns, await claimed(desk, tenant))
    ways: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: claimed(desk, tenant),
        lambda: desk.post(f"{path}/verify", by=admin),
        CheckDomains(desk.database, TxtRecords.at([dns.address]), lambda: utc_now() + DAY, DAY, DAY),
        lambda: desk.patch(path, {"mode": "approval"}, admin),
        lambda: desk.delete(path, admin),
    )
    for way in ways:
        async with desk.behind.lend() as somebody:
            async with somebody.transaction():
                await somebody.execute(HOLD, UUID(tenant["id"]))
                coming = asyncio.ensure_future(way())
                await waiting(desk.behind, 1)
            await coming
    assert [kind.split(".")[2] for kind in await types_told(desk) if ".domain." in kind] == [
        "claimed",
        "claimed",
        "verified",
        "updated",
        "removed",
    ]


async def test_a_claim_that_is_proven_at_the_last_moment_does_not_run_out(desk: Desk) -> None:
    tenant = await desk.create("company")
    await claimed(desk, tenant)
    await desk.rows("UPDATE domain_claims SET created_at = created_at - $1::interval", UNPROVEN_LIFE)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute(HOLD, UUID(tenant["id"]))
            tidying = asyncio.ensure_future(ExpireClaims(desk.database, utc_now)())
            await waiting(desk.behind, 1)
            await somebody.execute(PROVE)
        await tidying
    assert [row["status"] for row in await desk.rows("SELECT status FROM domain_claims")] == ["verified"]


async def test_a_domain_that_lapses_while_its_proof_is_looked_for_is_not_proven_by_that(
    desk: Desk, dns: NameServer
) -> None:
    tenant = await desk.create("company")
    claim = await claimed(desk, tenant)
    publish(dns, claim)
    await desk.post(f"{DOMAINS}/company.com/verify", by=an_admin_of(tenant))
    told = await types_told(desk)

    async def seen_too_late(_: str) -> Sequence[str]:
        await desk.rows("UPDATE domain_claims SET status = 'lapsed'")
        return [claim["txt_record"]["value"]]

    await CheckDomains(desk.database, seen_too_late, lambda: utc_now() + DAY, DAY, DAY)()
    assert [row["status"] for row in await desk.rows("SELECT status FROM domain_claims")] == ["lapsed"]
    assert await types_told(desk) == told


async def test_of_all_replicas_that_find_a_proof_due_one_looks_for_it(desk: Desk) -> None:
    tenant = await desk.create("company", domains=[{"domain": "company.com", "mode": "automatic"}])
    tenant_id, later = UUID(tenant["id"]), utc_now() + DAY
    async with desk.database.transaction(tenant_id) as tx:
        turns = [await domain_claims.take_turn(tx, tenant_id, "company.com", before=later, at=later) for _ in range(2)]
    assert turns == [True, False]


async def test_other_services_are_told_of_proven_domains_alone(desk: Desk) -> None:
    tenant = await desk.create("company", domains=[{"domain": "company.com", "mode": "automatic"}])
    await claimed(desk, tenant, "hoped-for.com")
    async with desk.database.look_up() as across:
        copies = await snapshot.page(across, after=None, limit=10)
    assert [domain["domain"] for copy in copies for domain in copy.domains] == ["company.com"]
