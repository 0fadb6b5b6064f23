"""`GET /api/auth/me`"""

from dataclasses import replace

from shared.contracts.permissions import Permission
from tests.integration.auth.sessions.desk import Desk, caller_of, done, problem


async def test_a_person_sees_who_they_are_and_what_they_may_do_here(desk: Desk) -> None:
    company = await desk.tenant("company")
    ann = await desk.person("ann@company.com", company, role="hr", name="Ann Lee")
    me = done(await desk.get("/api/auth/me", by=caller_of(await desk.session("ann@company.com"))))
    assert set(me) == {"user", "tenant", "permissions", "memberships"}
    assert me["user"]["id"] == str(ann)
    assert me["user"]["name"] == "Ann Lee"
    assert me["tenant"] == {"id": str(company), "slug": "company", "name": "Company"}
    assert me["permissions"] == ["invitations:manage", "users:read"]
    assert me["memberships"] == [{"tenant": me["tenant"], "role": "hr", "status": "active"}]


async def test_a_person_sees_all_their_tenants_from_each_of_them(desk: Desk) -> None:
    zebra, acme, _ = await desk.tenant("zebra"), await desk.tenant("acme"), await desk.tenant("strangers")
    ann = await desk.person("ann@zebra.com", zebra, role="admin")
    await desk.join(ann, acme, role="member", status="suspended")
    await desk.person("bob@acme.com", acme)
    me = done(await desk.get("/api/auth/me", by=caller_of(await desk.session("ann@zebra.com"))))
    shown = [(each["tenant"]["slug"], each["role"], each["status"]) for each in me["memberships"]]
    assert shown == [("acme", "member", "suspended"), ("zebra", "admin", "active")]


async def test_rights_elsewhere_count_for_nothing_here(desk: Desk) -> None:
    """decocms#6371"""
    company, other = await desk.tenant("company"), await desk.tenant("other")
    ann = await desk.person("ann@company.com", company, role="member")
    await desk.join(ann, other, role="admin")
    me = done(await desk.get("/api/auth/me", by=caller_of(await desk.session("ann@company.com"))))
    assert me["user"]["role"] == "member"
    assert me["permissions"] == [Permission.USERS_READ]


async def test_who_belongs_no_longer_is_asked_to_sign_in(desk: Desk) -> None:
    company, other = await desk.tenant("company"), await desk.tenant("other")
    await desk.person("ann@company.com", company)
    caller = caller_of(await desk.session("ann@company.com"))
    assert problem(await desk.get("/api/auth/me", by=replace(caller, tenant_id=other)))[0] == 401
    assert problem(await desk.get("/api/auth/me"))[0] == 401
