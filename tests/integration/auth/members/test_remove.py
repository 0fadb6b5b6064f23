"""`DELETE /api/users/{id}`"""

import asyncio
from datetime import timedelta
from uuid import UUID

from shared.contracts.caller import Caller
from tests.integration.auth.members.staff import change, events, hired, remove
from tests.integration.auth.sessions.desk import Desk, caller_of, claims_of, done, problem


async def home(desk: Desk, user_id: UUID) -> UUID | None:
    rows = await desk.rows("SELECT tenant_id FROM users WHERE id = $1", user_id)
    return rows[0]["tenant_id"] if rows else None


async def test_sessions_refresh_tokens_and_keys_die_with_the_membership(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    """GHSA-2vg6-77g8-24mp"""
    ada = await hired(desk, company, "ada", role="admin")
    session = await desk.session("ada@company.com")
    await desk.post("/api/api-keys", {"name": "HR", "scopes": ["users:read"]}, by=ada)
    assert (await remove(desk, owner, ada)).status_code == 204
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")
    assert [(told["session_id"], told["reason"]) for _, told in await desk.told()] == [
        (claims_of(session)["sid"], "membership_removed")
    ]
    [(_, key)] = await desk.told("auth.api_key.revoked.v1")
    assert key["revoked_by"] == str(owner.subject)
    assert await desk.rows("SELECT FROM api_keys") == []
    assert await events(desk, ada.subject) == ["removed"]
    assert problem(await remove(desk, owner, ada)) == (404, "user_not_found")


async def test_a_gateway_that_starts_later_learns_of_it_too(desk: Desk, company: UUID, owner: Caller) -> None:
    ann = await hired(desk, company, "ann")
    session = await desk.session("ann@company.com")
    await remove(desk, owner, ann)
    [ended] = done(await desk.ask_as_peer("/internal/revocations"))["sessions"]
    assert ended["id"] == claims_of(session)["sid"]


async def test_nothing_is_kept_of_where_they_signed_in(desk: Desk, company: UUID, owner: Caller) -> None:
    ann = await hired(desk, company, "ann")
    await desk.session("ann@company.com")
    await remove(desk, owner, ann)
    [row] = await desk.rows("SELECT agent, address, expires_at <= now() AS over FROM sessions")
    assert tuple(row) == ("", "", True)


async def test_what_has_ended_before_is_forgotten_then_and_not_written_again(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    """Of a person who signs in and out in a loop it is more than can be written within a request."""
    ann = await hired(desk, company, "ann")
    await desk.post("/api/auth/logout", by=caller_of(await desk.session("ann@company.com")))
    [ended] = await desk.rows("SELECT agent, address, expires_at <= now() AS over, xmin FROM sessions")
    assert tuple(ended)[:3] == ("", "", True)
    assert (await remove(desk, owner, ann)).status_code == 204
    [after] = await desk.rows("SELECT xmin FROM sessions")
    assert after["xmin"] == ended["xmin"]


async def test_who_belongs_nowhere_else_has_no_account_and_the_address_is_free(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    ann = await hired(desk, company, "ann")
    await remove(desk, owner, ann)
    assert await home(desk, ann.subject) is None
    assert problem(await desk.log_in("ann@company.com")) == (401, "invalid_credentials")
    again = await hired(desk, company, "ann")
    assert again.subject != ann.subject
    await desk.session("ann@company.com")


async def test_who_lived_here_moves_to_another_of_their_tenants(desk: Desk, company: UUID, owner: Caller) -> None:
    first, second = await desk.tenant("first"), await desk.tenant("second")
    ann = await hired(desk, company, "ann")
    await desk.join(ann.subject, first, status="suspended")
    await desk.join(ann.subject, second)
    elsewhere = await desk.session("ann@company.com", tenant_id=str(second))
    await remove(desk, owner, ann)
    assert await home(desk, ann.subject) == second
    assert claims_of(await desk.session("ann@company.com"))["tenant_id"] == str(second)
    done(await desk.refresh(elsewhere["refresh_token"]))
    assert problem(await desk.log_in("ann@company.com", tenant_id=str(company))) == (403, "not_a_member")


async def test_a_suspension_elsewhere_is_not_undone_by_losing_the_account(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    """CVE-2026-55987"""
    other = await desk.tenant("other")
    ann = await hired(desk, company, "ann")
    await desk.join(ann.subject, other, status="suspended")
    await remove(desk, owner, ann)
    assert await home(desk, ann.subject) == other
    assert problem(await desk.log_in("ann@company.com")) == (403, "membership_suspended")


async def test_a_guest_goes_and_their_home_stays(desk: Desk, company: UUID, owner: Caller) -> None:
    other = await desk.tenant("other")
    ann = await hired(desk, other, "ann")
    await desk.join(ann.subject, company)
    await remove(desk, owner, ann)
    assert await home(desk, ann.subject) == other
    assert await events(desk, ann.subject) == ["removed"]
    await desk.session("ann@company.com")


async def test_somebody_who_never_proved_their_address_can_be_removed(desk: Desk, company: UUID, owner: Caller) -> None:
    carl = await hired(desk, company, "carl", status="pending", verified=False)
    assert (await remove(desk, owner, carl)).status_code == 204
    assert await home(desk, carl.subject) is None


async def test_one_who_is_not_the_last_owner_may_leave(desk: Desk, company: UUID, owner: Caller) -> None:
    await hired(desk, company, "oscar", role="owner")
    assert (await remove(desk, owner, owner)).status_code == 204


async def test_two_tenants_that_remove_one_person_at_once_leave_no_half_of_one(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    for n in range(4):
        other = await desk.tenant(f"other-{n}")
        boss = await hired(desk, other, f"boss{n}", role="owner")
        ann = await hired(desk, company, f"ann{n}")
        await desk.join(ann.subject, other)
        answers = await asyncio.gather(remove(desk, owner, ann), remove(desk, boss, ann))
        assert [answer.status_code for answer in answers] == [204, 204]
        assert await home(desk, ann.subject) is None
        assert await desk.rows("SELECT FROM memberships WHERE user_id = $1", ann.subject) == []


async def test_a_removed_admin_who_returns_is_what_the_new_invitation_says(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    ada = await hired(desk, company, "ada", role="hr")
    await change(desk, owner, ada, role="admin")
    assert len(done(await desk.ask_as_peer("/internal/revocations"))["roles"]) == 1
    await remove(desk, owner, ada)
    await hired(desk, company, "ada", role="member")
    assert done(await desk.ask_as_peer("/internal/revocations"))["roles"] == []


async def test_where_somebody_was_who_is_removed_is_forgotten_also_of_sessions_that_were_over(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    ann = await hired(desk, company, "ann")
    await desk.join(ann.subject, await desk.tenant("other"))
    await desk.session("ann@company.com")
    desk.clock.ahead = timedelta(days=40)
    await remove(desk, owner, ann)
    assert [tuple(row) for row in await desk.rows("SELECT agent, address FROM sessions")] == [("", "")]
