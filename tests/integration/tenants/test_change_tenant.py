"""`PATCH /api/tenants/current`"""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.integration.tenants.desk import OPERATOR, Desk, an_admin_of, fields, problem
from tests.support.callers import a_caller

CURRENT = "/api/tenants/current"
UNSETTLED = {
    "self_sign_up": True,
    "default_role": "member",
    "session_days": None,
    "session_idle_days": None,
    "display_name": None,
    "sign_in_methods": ["password"],
}


async def test_a_new_name_and_settings_are_answered_kept_and_told_once(desk: Desk) -> None:
    company, other = await desk.create("company"), await desk.create("other")
    assert company["settings"] == UNSETTLED
    settings = {
        "self_sign_up": False,
        "session_days": 7,
        "display_name": "The Company",
        "sign_in_methods": ["email_link", "password"],
    }
    answer = await desk.patch(CURRENT, {"name": " New  Name ", "settings": settings}, an_admin_of(company))
    assert answer.status_code == 200
    assert answer.json() == company | {"name": "New Name", "settings": UNSETTLED | settings}
    assert (await desk.get(CURRENT, an_admin_of(company))).json() == answer.json()
    assert (await desk.get(CURRENT, an_admin_of(other))).json() == other
    kind, tenant, subject, data = (await desk.told())[-1]
    assert (kind, tenant, subject) == ("tenants.tenant.updated.v1", UUID(company["id"]), UUID(company["id"]))
    assert (data["name"], data["status"], data["settings"]) == ("New Name", "active", UNSETTLED | settings)


async def test_events_name_the_person_or_the_key_that_asked(desk: Desk) -> None:
    admin = an_admin_of(await desk.create("company"))
    key = replace(admin, key_id=new_id())
    await desk.patch(CURRENT, {"name": "One"}, admin)
    await desk.patch(CURRENT, {"name": "Two"}, key)
    actors = [row["actor"] for row in await desk.rows("SELECT actor FROM outbox ORDER BY position")]
    assert actors == [f"user:{OPERATOR.subject}", f"user:{admin.subject}", f"key:{key.key_id}"]


async def test_what_is_left_out_stays_and_null_gives_it_back_to_the_installation(desk: Desk) -> None:
    by = an_admin_of(await desk.create("company"))
    await desk.patch(CURRENT, {"settings": {"session_days": 7, "default_role": "hr"}}, by)
    changed = await desk.patch(CURRENT, {"settings": {"session_days": None, "session_idle_days": 1}}, by)
    assert changed.json()["settings"] == UNSETTLED | {"default_role": "hr", "session_idle_days": 1}
    assert changed.json()["name"] == "Company"


async def test_what_changes_nothing_is_not_told(desk: Desk) -> None:
    by = an_admin_of(await desk.create("company"))
    before: tuple[dict[str, Any], ...] = (
        {},
        {"name": "Company"},
        {"settings": {}},
        {"settings": {"self_sign_up": True, "sign_in_methods": ["password"]}},
    )
    for body in before:
        assert (await desk.patch(CURRENT, body, by)).status_code == 200
    assert len(await desk.told()) == 1


async def test_a_suspension_tells_the_settings_too(desk: Desk) -> None:
    company = await desk.create("company")
    await desk.patch(CURRENT, {"settings": {"self_sign_up": False}}, an_admin_of(company))
    await desk.post(f"/api/tenants/{company['id']}/suspend")
    kind, _, _, data = (await desk.told())[-1]
    assert (kind, data["settings"]["self_sign_up"]) == ("tenants.tenant.suspended.v1", False)


ODD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"slug": "another"}, "slug"),
    ({"status": "active"}, "status"),
    ({"settings": None}, "settings"),
    ({"settings": {"self_sign_up": None}}, "settings.self_sign_up"),
    ({"settings": {"default_role": "admin"}}, "settings.default_role"),
    ({"settings": {"default_role": "owner"}}, "settings.default_role"),
    ({"settings": {"session_days": 0}}, "settings.session_days"),
    ({"settings": {"session_idle_days": 3651}}, "settings.session_idle_days"),
    ({"settings": {"display_name": "two\nlines\x00"}}, "settings.display_name"),
    ({"settings": {"sign_in_methods": []}}, "settings.sign_in_methods"),
    ({"settings": {"sign_in_methods": None}}, "settings.sign_in_methods"),
    ({"settings": {"sign_in_methods": "password"}}, "settings.sign_in_methods"),
    ({"settings": {"sign_in_methods": ["password", "password"]}}, "settings.sign_in_methods"),
    ({"settings": {"sign_in_methods": ["passkey"]}}, "settings.sign_in_methods.0"),
]


async def test_what_does_not_fit_is_named_and_changes_nothing(desk: Desk) -> None:
    by = an_admin_of(await desk.create("company"))
    for body, field in ODD:
        assert fields(await desk.patch(CURRENT, body, by)) == [field], body
    assert len(await desk.told()) == 1


@pytest.mark.parametrize("role", [Role.HR, Role.MEMBER])
async def test_only_those_who_manage_the_tenant_change_it(desk: Desk, role: Role) -> None:
    company = await desk.create("company")
    answer = await desk.patch(CURRENT, {"name": "Mine"}, a_caller(UUID(company["id"]), role))
    assert problem(answer) == (403, "forbidden")
