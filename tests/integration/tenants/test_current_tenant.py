"""`GET /api/tenants/current`"""

from uuid import UUID

from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.ids import new_id
from tests.integration.tenants.desk import OPERATOR, Desk, an_admin_of, problem
from tests.support.callers import a_caller


async def test_everybody_sees_the_tenant_that_their_token_is_for(desk: Desk) -> None:
    company, other = await desk.create("company"), await desk.create("other")
    member = a_caller(UUID(company["id"]), Role.MEMBER)
    assert (await desk.get("/api/tenants/current", by=member)).json() == company
    assert (await desk.get("/api/tenants/current", by=an_admin_of(other))).json() == other


async def test_an_operators_own_tenant_is_the_platform(desk: Desk) -> None:
    answer = await desk.get("/api/tenants/current", by=OPERATOR)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert (found["id"], found["slug"], found["status"]) == (str(PLATFORM_TENANT_ID), "platform", "active")


async def test_a_tenant_that_is_not_there_is_not_found(desk: Desk) -> None:
    answer = await desk.get("/api/tenants/current", by=a_caller(new_id()))
    assert problem(answer) == (404, "tenant_not_found")


async def test_a_suspended_tenant_says_so(desk: Desk) -> None:
    company = await desk.create("company")
    await desk.post(f"/api/tenants/{company['id']}/suspend")
    answer = await desk.get("/api/tenants/current", by=an_admin_of(company))
    assert answer.json() == company | {"status": "suspended"}
