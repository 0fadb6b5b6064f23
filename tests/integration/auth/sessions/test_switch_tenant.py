"""`POST /api/auth/switch-tenant`"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from shared.ids import new_id
from tests.integration.auth.sessions.desk import Desk, Json, caller_of, claims_of, done, problem
from tests.support.connections import waiting


@pytest.fixture
async def ann(desk: Desk, company: UUID) -> UUID:
    return await desk.person("ann@company.com", company)


@pytest.fixture
async def session(desk: Desk, ann: UUID) -> Json:
    return await desk.session("ann@company.com")


async def switch(desk: Desk, session: Json, tenant_id: UUID) -> httpx.Response:
    return await desk.post("/api/auth/switch-tenant", {"tenant_id": str(tenant_id)}, by=caller_of(session))


async def settle_one_day(desk: Desk, tenant_id: UUID) -> None:
    await desk.rows("UPDATE tenants SET settings = jsonb_build_object('session_days', 1) WHERE id = $1", tenant_id)


async def listed(desk: Desk, session: Json) -> list[str]:
    """The ids of the sessions that somebody sees."""
    return [each["id"] for each in done(await desk.get("/api/auth/sessions", by=caller_of(session)))["items"]]


async def test_a_member_goes_on_in_another_tenant_while_the_other_tab_stays(
    desk: Desk, ann: UUID, session: Json
) -> None:
    """decocms#6371: with the rights that they have there."""
    other = await desk.tenant("other")
    await desk.join(ann, other, role="hr")
    switched = done(await switch(desk, session, other))
    claims = claims_of(switched)
    assert (claims["tenant_id"], claims["role"]) == (str(other), "hr")
    assert switched["tenant"]["slug"] == "other"
    assert claims["sid"] != claims_of(session)["sid"]
    assert claims_of(done(await desk.refresh(session["refresh_token"])))["tenant_id"] != str(other)
    assert claims_of(done(await desk.refresh(switched["refresh_token"])))["tenant_id"] == str(other)
    assert await desk.told() == []


async def test_however_often_somebody_switches_they_sign_in_anew_after_thirty_days(
    desk: Desk, company: UUID, ann: UUID, session: Json
) -> None:
    tenants = [await desk.tenant("other"), company]
    await desk.join(ann, tenants[0])
    for tenant in (*tenants, tenants[0]):
        session = done(await switch(desk, session, tenant))
        desk.clock.ahead += timedelta(days=10)
    assert problem(await switch(desk, session, company)) == (401, "unauthenticated")
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")


async def test_where_sessions_last_for_a_day_nobody_stays_longer_by_leaving_and_coming_back(
    desk: Desk, company: UUID, ann: UUID, session: Json
) -> None:
    """Nor by way of a third tenant, nor in a session of a former release, for which its own beginning counts."""
    strict, other = await desk.tenant("strict"), await desk.tenant("other")
    for tenant in (strict, other):
        await desk.join(ann, tenant)
    await settle_one_day(desk, strict)
    desk.clock.ahead += timedelta(hours=23)
    inside, by_way = done(await switch(desk, session, strict)), done(await switch(desk, session, other))
    desk.clock.ahead += timedelta(hours=1)
    assert problem(await desk.refresh(inside["refresh_token"])) == (401, "invalid_refresh_token")
    assert await listed(desk, session) == [claims_of(by_way)["sid"], claims_of(session)["sid"]]
    for each in (session, by_way):
        assert problem(await switch(desk, each, strict)) == (403, "sign_in_too_long_ago")
        done(await switch(desk, each, company))
    done(await switch(desk, await desk.session("ann@company.com"), strict))

    await desk.rows("UPDATE sessions SET signed_in_at = NULL")
    assert problem(await switch(desk, session, strict)) == (403, "sign_in_too_long_ago")
    done(await desk.refresh(session["refresh_token"]))


async def test_a_tenant_that_lets_sessions_last_for_a_day_from_now_on_counts_from_the_sign_in(
    desk: Desk, ann: UUID, session: Json
) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    desk.clock.ahead += timedelta(hours=23)
    entered = done(await switch(desk, session, other))
    await settle_one_day(desk, other)
    assert await listed(desk, session) == [claims_of(entered)["sid"], claims_of(session)["sid"]]
    desk.clock.ahead += timedelta(hours=1)
    assert await listed(desk, session) == [claims_of(session)["sid"]]
    assert problem(await desk.refresh(entered["refresh_token"])) == (401, "invalid_refresh_token")


async def test_nobody_goes_where_they_do_not_belong(desk: Desk, session: Json) -> None:
    """CVE-2025-67717: nor learns whether there is such a tenant."""
    other = await desk.tenant("other")
    for tenant_id in (other, new_id()):
        assert problem(await switch(desk, session, tenant_id)) == (403, "not_a_member")


@pytest.mark.parametrize(("status", "code"), [("suspended", "membership_suspended"), ("pending", "approval_required")])
async def test_who_is_not_admitted_there_stays_out(
    desk: Desk, ann: UUID, session: Json, status: str, code: str
) -> None:
    """GHSA-2vg6-77g8-24mp"""
    other = await desk.tenant("other")
    await desk.join(ann, other, status=status)
    assert problem(await switch(desk, session, other)) == (403, code)


async def test_a_suspended_tenant_lets_nobody_in(desk: Desk, ann: UUID, session: Json) -> None:
    """CVE-2024-47060"""
    other = await desk.tenant("other", status="suspended")
    await desk.join(ann, other)
    assert problem(await switch(desk, session, other)) == (403, "tenant_suspended")


async def test_a_session_that_has_ended_opens_no_other(desk: Desk, company: UUID, session: Json) -> None:
    await desk.post("/api/auth/logout", by=caller_of(session))
    assert problem(await switch(desk, session, company)) == (401, "unauthenticated")


async def test_signing_out_everywhere_finds_the_session_that_is_being_entered(
    desk: Desk, ann: UUID, session: Json
) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)

    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("SELECT FROM memberships WHERE tenant_id = $1 FOR UPDATE", other)
            switching = asyncio.ensure_future(switch(desk, session, other))
            await waiting(desk.behind, 1)
            leaving = asyncio.ensure_future(desk.delete("/api/auth/sessions", by=caller_of(session)))
            await waiting(desk.behind, 2)
        entered = done(await switching)
    assert (await leaving).status_code == 204
    assert problem(await desk.refresh(entered["refresh_token"])) == (401, "invalid_refresh_token")


async def test_an_api_key_does_not_switch(desk: Desk, company: UUID, session: Json) -> None:
    key = replace(caller_of(session), session_id=None, key_id=new_id())
    answer = await desk.post("/api/auth/switch-tenant", {"tenant_id": str(company)}, by=key)
    assert problem(answer) == (403, "forbidden")


async def test_a_session_that_was_entered_ends_no_later_than_the_one_it_was_entered_from(
    desk: Desk, company: UUID, ann: UUID
) -> None:
    await settle_one_day(desk, company)
    other = await desk.tenant("other")
    await desk.join(ann, other)
    entered = done(await switch(desk, await desk.session("ann@company.com"), other))
    desk.clock.ahead = timedelta(days=1)
    assert problem(await desk.refresh(entered["refresh_token"])) == (401, "invalid_refresh_token")
