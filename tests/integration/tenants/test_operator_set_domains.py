"""Domains that an operator gives to a new tenant."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest

from shared.clock import utc_now
from tests.integration.tenants.desk import Desk, Json, fields, problem

CLAIM = """
    INSERT INTO domain_claims
           (tenant_id, domain, mode, include_subdomains, status, verified_by, verified_at, created_at)
    VALUES ($1, 'company.com', 'automatic', true, $2, $3, $4, now())
"""


def asking_for(slug: str, *domains: str, mode: str = "automatic") -> Json:
    return {"name": slug, "slug": slug, "domains": [{"domain": domain, "mode": mode} for domain in domains]}


async def test_they_are_claimed_and_verified_from_the_beginning(desk: Desk) -> None:
    tenant = (await desk.post("/api/tenants", asking_for("company", "Company.COM", "bücher.de"))).json()
    claims = await desk.rows(
        "SELECT tenant_id, domain, mode, include_subdomains, status, verified_by, verified_at = created_at AS at_once "
        "FROM domain_claims ORDER BY domain"
    )
    assert [tuple(claim) for claim in claims] == [
        (UUID(tenant["id"]), domain, "automatic", False, "verified", "operator", True)
        for domain in ("company.com", "xn--bcher-kva.de")
    ]


async def test_they_are_told_after_the_tenant_and_under_its_name(desk: Desk) -> None:
    tenant = await desk.create("company", domains=[{"domain": "company.com", "mode": "approval"}])
    created, verified = await desk.told()
    assert created[0] == "tenants.tenant.created.v1"
    assert verified == (
        "tenants.domain.verified.v1",
        UUID(tenant["id"]),
        UUID(tenant["id"]),
        {"tenant_id": tenant["id"], "domain": "company.com", "mode": "approval", "include_subdomains": False},
    )


async def test_a_domain_that_strangers_share_is_refused(desk: Desk) -> None:
    for domain in ("gmail.com", "eu.outlook.com", "mailinator.com", "co.uk", "com.au"):
        answer = await desk.post("/api/tenants", asking_for("company", "company.com", domain))
        assert (problem(answer), fields(answer)) == ((422, "public_domain"), ["domains.1.domain"]), domain
    assert await desk.slugs() == ["platform"]
    assert await desk.told() == []


async def test_a_verified_domain_has_one_tenant(desk: Desk) -> None:
    await desk.post("/api/tenants", asking_for("company", "company.com"))
    answer = await desk.post("/api/tenants", asking_for("impostor", "mine.com", "COMPANY.com"))
    assert problem(answer) == (409, "domain_taken")
    assert "company.com" in answer.json()["detail"]
    assert await desk.slugs() == ["company", "platform"]
    assert [claim["domain"] for claim in await desk.rows("SELECT domain FROM domain_claims")] == ["company.com"]
    assert len(await desk.told()) == 2


@pytest.mark.parametrize(
    ("status", "verified_by", "verified_at"), [("unverified", None, None), ("lapsed", "dns", utc_now())]
)
async def test_an_unproven_claim_of_another_blocks_nobody(
    desk: Desk, status: str, verified_by: str | None, verified_at: datetime | None
) -> None:
    squatter = UUID((await desk.create("squatter"))["id"])
    await desk.rows(CLAIM, squatter, status, verified_by, verified_at)
    answer = await desk.post("/api/tenants", asking_for("company", "company.com"))
    assert answer.status_code == 201


async def test_of_many_at_once_one_gets_the_domain(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(desk.post("/api/tenants", asking_for(f"company-{n}", "company.com")) for n in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert len(await desk.told()) == 2


async def test_wanting_the_same_domains_in_another_order_makes_no_deadlock(desk: Desk) -> None:
    domains = [f"company-{n}.com" for n in range(10)]
    answers = await asyncio.gather(
        *(
            desk.post("/api/tenants", asking_for(f"company-{n}", *(domains if n % 2 else reversed(domains))))
            for n in range(20)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


async def test_a_domain_named_twice_is_a_mistake(desk: Desk) -> None:
    answer = await desk.post("/api/tenants", asking_for("company", "company.com", "COMPANY.com"))
    assert fields(answer) == ["domains"]


async def test_what_is_no_domain_has_a_code_of_its_own(desk: Desk) -> None:
    for raw in (".company.com", "company.com.", "company..com", "127.0.0.1", "a@company.com", "*.company.com", ""):
        answer = await desk.post("/api/tenants", asking_for("company", raw))
        assert problem(answer) == (422, "invalid_domain"), raw
