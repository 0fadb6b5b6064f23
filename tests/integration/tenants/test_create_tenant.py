"""`POST /api/tenants`"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.clock import utc_now
from tests.integration.tenants.desk import Desk, fields, problem

COMPANY = {"name": "Company", "slug": "company"}


async def test_a_new_tenant_is_answered_as_it_is(desk: Desk) -> None:
    answer = await desk.post("/api/tenants", {"name": "  Company  Ltd ", "slug": "company"})
    assert answer.status_code == 201
    created = answer.json()
    assert set(created) == {"id", "name", "slug", "status", "created_at", "settings"}
    assert (created["name"], created["slug"], created["status"]) == ("Company Ltd", "company", "active")
    assert UUID(created["id"]).version == 7
    assert created["created_at"].endswith("Z")
    assert utc_now() - datetime.fromisoformat(created["created_at"]).astimezone(UTC) < timedelta(minutes=1)


async def test_its_creation_is_told_once(desk: Desk) -> None:
    created = await desk.create("company", owner_email="Admin@Company.com")
    tenant = UUID(created["id"])
    assert await desk.told() == [
        (
            "tenants.tenant.created.v1",
            tenant,
            tenant,
            {
                "tenant_id": created["id"],
                "name": "Company",
                "slug": "company",
                "status": "active",
                "settings": created["settings"],
                "owner_email": "admin@company.com",
            },
        )
    ]


async def test_a_tenant_may_begin_without_an_owner(desk: Desk) -> None:
    await desk.create("company")
    [(_, _, _, data)] = await desk.told()
    assert data["owner_email"] is None


async def test_a_taken_slug_is_refused_and_leaves_no_trace(desk: Desk) -> None:
    await desk.create("company", name="First")
    answer = await desk.post("/api/tenants", COMPANY | {"domains": [{"domain": "company.com", "mode": "automatic"}]})
    assert problem(answer) == (409, "slug_taken")
    assert [row["name"] for row in await desk.rows("SELECT name FROM tenants WHERE slug = 'company'")] == ["First"]
    assert not await desk.rows("SELECT FROM domain_claims")
    assert len(await desk.told()) == 1


async def test_of_fifty_at_once_one_gets_the_slug(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post("/api/tenants", COMPANY) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"slug_taken"}
    assert len(await desk.told()) == 1


async def test_a_reserved_slug_is_refused(desk: Desk) -> None:
    for slug in ("platform", "admin", "api", "www"):
        answer = await desk.post("/api/tenants", COMPANY | {"slug": slug})
        assert (problem(answer), fields(answer)) == ((422, "slug_reserved"), ["slug"])
    assert await desk.slugs() == ["platform"]


ODD_MEMBERS: list[tuple[dict[str, Any], str]] = [
    ({"slug": "Company"}, "slug"),
    ({"slug": "a"}, "slug"),
    ({"slug": "x" * 64}, "slug"),
    ({"slug": "-company"}, "slug"),
    ({"slug": None}, "slug"),
    ({"slug": 7}, "slug"),
    ({"name": " "}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": ["Company"]}, "name"),
    ({"owner_email": "nobody"}, "owner_email"),
    ({"owner_email": "a@evil.com,v@company.com"}, "owner_email"),
    ({"domains": "company.com"}, "domains"),
    ({"domains": ["company.com"]}, "domains.0"),
    ({"domains": [{"domain": "company.com"}]}, "domains.0.mode"),
    ({"domains": [{"domain": "company.com", "mode": "maybe"}]}, "domains.0.mode"),
    ({"domains": [{"domain": "company", "mode": "automatic"}]}, "domains.0.domain"),
    ({"domains": [{"domain": "company.com", "mode": "manual", "status": "verified"}]}, "domains.0.status"),
    ({"domains": [{"domain": f"c{n}.com", "mode": "manual"} for n in range(51)]}, "domains"),
    ({"id": "00000000-0000-7000-8000-000000000001"}, "id"),
    ({"tenant_id": "00000000-0000-7000-8000-000000000001"}, "tenant_id"),
    ({"status": "suspended"}, "status"),
    ({"settings": {}}, "settings"),
]


async def test_what_does_not_fit_is_named_and_changes_nothing(desk: Desk) -> None:
    for change, field in ODD_MEMBERS:
        assert fields(await desk.post("/api/tenants", COMPANY | change)) == [field], change
    assert await desk.slugs() == ["platform"]
    assert await desk.told() == []
