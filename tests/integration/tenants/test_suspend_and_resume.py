"""`POST /api/tenants/{id}/suspend` and `/resume`"""

import asyncio
from uuid import UUID

from shared.contracts.tenancy import PLATFORM_TENANT_ID
from shared.ids import new_id
from tests.integration.tenants.desk import Desk, Json, problem


async def suspend(desk: Desk, tenant: Json) -> Json:
    answer = await desk.post(f"/api/tenants/{tenant['id']}/suspend")
    assert answer.status_code == 200
    suspended: Json = answer.json()
    return suspended


async def resume(desk: Desk, tenant: Json) -> Json:
    answer = await desk.post(f"/api/tenants/{tenant['id']}/resume")
    assert answer.status_code == 200
    resumed: Json = answer.json()
    return resumed


async def told(desk: Desk) -> list[str]:
    return [event[0].removeprefix("tenants.tenant.") for event in await desk.told()]


async def test_a_suspended_tenant_is_closed_until_it_is_resumed(desk: Desk) -> None:
    company = await desk.create("company")
    assert await suspend(desk, company) == company | {"status": "suspended"}
    assert await resume(desk, company) == company


async def test_each_change_is_told_with_the_new_state(desk: Desk) -> None:
    company = await desk.create("company")
    await suspend(desk, company)
    await resume(desk, company)
    tenant = UUID(company["id"])
    state = {"tenant_id": company["id"], "name": "Company", "slug": "company", "settings": company["settings"]}
    assert (await desk.told())[1:] == [
        ("tenants.tenant.suspended.v1", tenant, tenant, state | {"status": "suspended"}),
        ("tenants.tenant.resumed.v1", tenant, tenant, state | {"status": "active"}),
    ]


async def test_again_is_a_success_and_tells_nothing(desk: Desk) -> None:
    company = await desk.create("company")
    assert await resume(desk, company) == company
    suspended = await suspend(desk, company)
    assert await suspend(desk, company) == suspended
    assert await told(desk) == ["created.v1", "suspended.v1"]


async def test_many_at_once_are_one_change(desk: Desk) -> None:
    company = await desk.create("company")
    answers = await asyncio.gather(*(suspend(desk, company) for _ in range(20)))
    assert {answer["status"] for answer in answers} == {"suspended"}
    assert await told(desk) == ["created.v1", "suspended.v1"]


async def test_other_tenants_stay_as_they_are(desk: Desk) -> None:
    company, _ = await desk.create("company"), await desk.create("other")
    await suspend(desk, company)
    open_ones = await desk.rows("SELECT slug FROM tenants WHERE status = 'active' ORDER BY slug")
    assert [row["slug"] for row in open_ones] == ["other", "platform"]


async def test_the_platform_cannot_be_suspended(desk: Desk) -> None:
    answer = await desk.post(f"/api/tenants/{PLATFORM_TENANT_ID}/suspend")
    assert problem(answer) == (409, "platform_is_permanent")
    assert await told(desk) == []
    assert (await desk.post(f"/api/tenants/{PLATFORM_TENANT_ID}/resume")).status_code == 200


async def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    await desk.create("company")
    for verb in ("suspend", "resume"):
        for tenant in (str(new_id()), "company", "0", "..%2fplatform", "%00"):
            answer = await desk.post(f"/api/tenants/{tenant}/{verb}")
            assert answer.status_code == 404, tenant
    assert await told(desk) == ["created.v1"]
