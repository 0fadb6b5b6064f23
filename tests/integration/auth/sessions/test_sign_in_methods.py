"""Which methods a tenant lets people in by: at sign-in, at a switch, and afterwards."""

from uuid import UUID

import httpx
import pytest

from tests.integration.auth.sessions.desk import Desk, Json, caller_of, done, link_token, problem

EMAIL = "ann@company.com"
NOT_ALLOWED = (403, "sign_in_method_not_allowed")


@pytest.fixture
async def ann(desk: Desk, company: UUID) -> UUID:
    return await desk.person(EMAIL, company)


async def by_link(desk: Desk) -> Json:
    await desk.post("/api/auth/login/link", {"email": EMAIL})
    token = link_token((await desk.mails())[-1])
    return done(await desk.post("/api/auth/login/link/redeem", {"token": token}))


async def switch(desk: Desk, session: Json, tenant_id: UUID) -> httpx.Response:
    return await desk.post("/api/auth/switch-tenant", {"tenant_id": str(tenant_id)}, by=caller_of(session))


async def test_a_password_opens_no_tenant_that_takes_links_only(desk: Desk, ann: UUID, company: UUID) -> None:
    await desk.allow(company, "email_link")
    assert problem(await desk.log_in(EMAIL)) == NOT_ALLOWED
    assert await desk.rows("SELECT FROM sessions") == []
    await desk.allow(company, "email_link", "password")
    done(await desk.log_in(EMAIL))


async def test_only_who_has_the_password_is_told_that_it_does_not_do(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2024-41952"""
    await desk.allow(company, "email_link")
    wrong, unknown = await desk.log_in(EMAIL, "velvet-otter-42"), await desk.log_in("nobody@company.com")
    assert problem(wrong) == problem(unknown) == (401, "invalid_credentials")


async def test_another_tenant_may_take_what_home_does_not(desk: Desk, ann: UUID, company: UUID) -> None:
    """The refusal names those that do."""
    other, links = await desk.tenant("other"), await desk.tenant("links")
    await desk.join(ann, other)
    await desk.join(ann, links)
    await desk.allow(company, "email_link")
    await desk.allow(links, "email_link")
    refused = await desk.log_in(EMAIL)
    assert problem(refused) == NOT_ALLOWED
    assert [tenant["slug"] for tenant in refused.json()["tenants"]] == ["other"]
    done(await desk.log_in(EMAIL, tenant_id=str(other)))


async def test_a_session_goes_on_elsewhere_only_as_what_it_began(desk: Desk, ann: UUID, company: UUID) -> None:
    """A switch is no way round: not in one step, and not in two."""
    links, passwords, either = await desk.tenant("links"), await desk.tenant("passwords"), await desk.tenant("either")
    await desk.allow(company, "password", "email_link")
    await desk.allow(links, "email_link")
    await desk.allow(either, "email_link", "password")
    for tenant in (links, passwords, either):
        await desk.join(ann, tenant)

    for session, its_own, others in (
        (await desk.session(EMAIL), passwords, links),
        (await by_link(desk), links, passwords),
    ):
        done(await switch(desk, session, its_own))
        assert problem(await switch(desk, session, others)) == NOT_ALLOWED
        between = done(await switch(desk, session, either))
        assert problem(await switch(desk, between, others)) == NOT_ALLOWED
        renewed = done(await desk.refresh(between["refresh_token"]))
        assert problem(await switch(desk, renewed, others)) == NOT_ALLOWED


async def test_who_is_in_when_the_rule_changes_stays_until_the_session_ends(
    desk: Desk, ann: UUID, company: UUID
) -> None:
    session = await desk.session(EMAIL)
    await desk.allow(company, "email_link")
    renewed = done(await desk.refresh(session["refresh_token"]))
    done(await desk.get("/api/auth/me", by=caller_of(renewed)))
    assert problem(await switch(desk, renewed, company)) == NOT_ALLOWED


async def test_what_the_former_release_began_counts_as_begun_with_a_password(
    desk: Desk, ann: UUID, company: UUID
) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    await desk.allow(company, "email_link")
    session = await by_link(desk)
    await desk.rows("UPDATE sessions SET methods = DEFAULT")
    done(await switch(desk, session, other))
