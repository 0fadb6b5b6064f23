"""Creating tenants and claiming domains under an `Idempotency-Key`."""

from typing import Any

import httpx

from shared.contracts.caller import Caller
from shared.contracts.tenancy import PLATFORM_TENANT_ID
from tests.integration.tenants.desk import OPERATOR, Desk, an_admin_of, problem
from tests.support.callers import headers_of

COMPANY = {"name": "Company", "slug": "company", "domains": [{"domain": "company.com", "mode": "automatic"}]}
DOMAINS = "/api/tenants/current/domains"


async def post(desk: Desk, path: str, body: Any, by: Caller = OPERATOR, key: str = "k") -> httpx.Response:
    return await desk.http.post(path, json=body, headers=headers_of(by, "tenants") | {"Idempotency-Key": key})


async def test_a_tenant_is_created_once_and_the_answer_is_the_operators(desk: Desk) -> None:
    """It is made in a transaction of its own tenant, and that is a part of the operator's."""
    first = await post(desk, "/api/tenants", COMPANY)
    again = await post(desk, "/api/tenants", COMPANY)
    assert (first.status_code, again.content) == (201, first.content)
    assert [kind for kind, *_ in await desk.told()] == ["tenants.tenant.created.v1", "tenants.domain.verified.v1"]
    [row] = await desk.rows("SELECT tenant_id, subject, route FROM idempotency_keys")
    assert tuple(row) == (PLATFORM_TENANT_ID, OPERATOR.subject, "/api/tenants")
    [claim] = await desk.rows("SELECT tenant_id::text FROM domain_claims")
    assert claim["tenant_id"] == first.json()["id"]


async def test_a_taken_slug_is_told_each_time_and_uses_no_key_up(desk: Desk) -> None:
    await desk.create("company")
    for _ in range(2):
        assert problem(await post(desk, "/api/tenants", COMPANY)) == (409, "slug_taken")
    assert (await post(desk, "/api/tenants", COMPANY | {"slug": "other"})).status_code == 201


async def test_without_the_key_the_second_one_is_told_that_the_slug_is_taken(desk: Desk) -> None:
    await desk.create("company")
    assert problem(await desk.post("/api/tenants", {"name": "Company", "slug": "company"})) == (409, "slug_taken")
    assert await desk.rows("SELECT FROM idempotency_keys") == []


async def test_a_domain_is_claimed_once(desk: Desk) -> None:
    admin, body = an_admin_of(await desk.create("company")), {"domain": "company.com", "mode": "approval"}
    first = await post(desk, DOMAINS, body, admin)
    assert (await post(desk, DOMAINS, body, admin)).content == first.content
    assert [kind for kind, *_ in await desk.told()].count("tenants.domain.claimed.v1") == 1
    refused = await post(desk, DOMAINS, body | {"domain": "other.com"}, admin)
    assert problem(refused) == (422, "idempotency_key_reused")
