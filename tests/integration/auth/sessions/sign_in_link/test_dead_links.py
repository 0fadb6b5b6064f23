"""`POST /api/auth/login/link/redeem`, with what lets nobody in"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.tenancy import Role
from shared.ids import new_token, token_hash
from tests.integration.auth.sessions.desk import PASSWORD, Desk, caller_of, claims_of, done, link_token, problem
from tests.integration.auth.sessions.sign_in_link.link import EMAIL, a_token, redeem
from tests.support.callers import a_caller


async def test_what_is_no_token_is_refused(desk: Desk) -> None:
    """CVE-2019-16109"""
    misshapen: list[Any] = ["", None, [], 0, {}, ["a"]]
    for token in misshapen:
        assert (await redeem(desk, token)).status_code == 422, token
    assert problem(await redeem(desk, new_token())) == (410, "invalid_token")


async def test_a_link_dies_by_the_clock_alone(desk: Desk, ann: UUID) -> None:
    """CVE-2025-64708"""
    token = await a_token(desk)
    desk.clock.ahead = timedelta(minutes=10)
    assert problem(await redeem(desk, token)) == (410, "invalid_token")
    assert len(await desk.rows("SELECT FROM one_time_tokens")) == 1


async def test_what_is_newer_kills_a_link(desk: Desk, ann: UUID) -> None:
    """CVE-2023-3591: a link, a new password however it is set, and signing out everywhere."""
    older = await a_token(desk)
    session = done(await redeem(desk, await a_token(desk)))
    assert problem(await redeem(desk, older)) == (410, "invalid_token")

    token, changed = await a_token(desk), {"current_password": PASSWORD, "password": "quiet-harbour-93"}
    assert (await desk.post("/api/auth/password", changed, by=caller_of(session))).status_code == 204
    assert problem(await redeem(desk, token)) == (410, "invalid_token")

    token = await a_token(desk)
    assert (await desk.delete("/api/auth/sessions", by=caller_of(session))).status_code == 204
    assert problem(await redeem(desk, token)) == (410, "invalid_token")

    token = await a_token(desk)
    await desk.post("/api/auth/password/forgot", {"email": EMAIL})
    reset = {"token": link_token((await desk.mails())[-1]), "password": "quiet-harbour-94"}
    sent_after = await a_token(desk)
    assert (await desk.post("/api/auth/password/reset", reset)).status_code == 204
    for dead in (token, sent_after):
        assert problem(await redeem(desk, dead)) == (410, "invalid_token")


async def test_a_link_is_no_other_token_and_none_of_them_is_a_link(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2024-6087, CVE-2023-48220"""
    token = await a_token(desk)
    assert problem(await desk.post("/api/auth/verify-email", {"token": token})) == (410, "invalid_token")
    reset = {"token": token, "password": "quiet-harbour-93"}
    assert problem(await desk.post("/api/auth/password/reset", reset)) == (410, "invalid_token")
    assert problem(await desk.refresh(token)) == (401, "invalid_refresh_token")
    session, verification = done(await redeem(desk, token)), new_token()
    await desk.rows(
        "INSERT INTO one_time_tokens VALUES ($1, $2, $3, 'verify_email', 'h', 'Ann', now(), now() + interval '1 day')",
        *(token_hash(verification), company, ann),
    )
    await desk.post("/api/auth/password/forgot", {"email": EMAIL})
    resetting = link_token((await desk.mails())[-1])
    for other in (verification, resetting, session["refresh_token"], session["access_token"][:200]):
        assert problem(await redeem(desk, other)) == (410, "invalid_token")


CHANGES = {
    "membership_suspended": "UPDATE memberships SET status = 'suspended'",
    "approval_required": "UPDATE memberships SET status = 'pending'",
    "tenant_suspended": "UPDATE tenants SET status = 'suspended'",
    "sign_in_method_not_allowed": "UPDATE tenants SET settings = '{}'",
}
BACK = (
    "UPDATE memberships SET status = 'active'",
    """UPDATE tenants SET status = 'active', settings = '{"sign_in_methods": ["email_link"]}'""",
)


async def test_what_has_become_of_them_since_keeps_people_out_and_does_not_use_the_link_up(
    desk: Desk, ann: UUID
) -> None:
    """CVE-2024-47060, GHSA-2vg6-77g8-24mp"""
    token = await a_token(desk)
    for code, change in CHANGES.items():
        await desk.rows(change)
        assert problem(await redeem(desk, token)) == (403, code)
        for sql in BACK:
            await desk.rows(sql)
    done(await redeem(desk, token))


@pytest.mark.parametrize("how", ["suspended", "removed"])
async def test_whom_the_tenant_has_put_out_and_lets_in_again_needs_another_link(
    desk: Desk, ann: UUID, company: UUID, how: str
) -> None:
    """And what leads to other tenants stays."""
    other = await desk.tenant("other")
    await desk.join(ann, other)
    await desk.allow(other, "email_link")
    owner = a_caller(other, Role.OWNER, await desk.person("owner@other.com", other, role="owner"))
    token = await a_token(desk, tenant_id=str(other))
    if how == "suspended":
        for status in ("suspended", "active"):
            done(await desk.patch(f"/api/users/{ann}", {"status": status}, by=owner))
    else:
        assert (await desk.delete(f"/api/users/{ann}", by=owner)).status_code == 204
        await desk.join(ann, other)
    assert problem(await redeem(desk, token)) == (410, "invalid_token")

    token = await a_token(desk, tenant_id=str(company))
    done(await desk.patch(f"/api/users/{ann}", {"status": "suspended"}, by=owner))
    assert claims_of(done(await redeem(desk, token)))["tenant_id"] == str(company)


async def test_whoever_was_removed_meanwhile_gets_in_no_more(desk: Desk, ann: UUID) -> None:
    """CVE-2025-13324"""
    other = await desk.tenant("other")
    await desk.join(ann, other)
    await desk.allow(other, "email_link")
    token = await a_token(desk, tenant_id=str(other))
    await desk.rows("DELETE FROM memberships WHERE tenant_id = $1", other)
    assert problem(await redeem(desk, token)) == (403, "not_a_member")
