"""`PATCH /api/users/{id}`"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.contracts.caller import Caller
from tests.integration.auth.members.staff import change, events, hired, remove
from tests.integration.auth.sessions.desk import Desk, Json, caller_of, claims_of, done, problem
from tests.support.callers import an_operator
from tests.support.connections import waiting


async def test_a_new_role_a_new_name(desk: Desk, company: UUID, owner: Caller) -> None:
    ann = await hired(desk, company, "ann")
    changed = done(await change(desk, owner, ann, role="hr", name="Ann Other"))
    assert (changed["role"], changed["name"], changed["status"]) == ("hr", "Ann Other", "active")
    assert done(await desk.get(f"/api/users/{ann.subject}", by=owner)) == changed
    assert await events(desk, ann.subject) == ["role_changed", "renamed"]
    [(tenant_id, told)] = await desk.told("auth.membership.role_changed.v1")
    assert tenant_id == company
    assert (told["former_role"], told["role"], told["changed_by"]) == ("member", "hr", str(owner.subject))


async def test_what_changes_nothing_is_a_success_and_told_to_nobody(desk: Desk, company: UUID, owner: Caller) -> None:
    ann = await hired(desk, company, "ann")
    for wanted in ({}, {"role": "member"}, {"status": "active"}, {"name": "Ann"}):
        assert done(await change(desk, owner, ann, **wanted))["role"] == "member"
    assert await events(desk, ann.subject) == []


async def test_the_next_refresh_says_the_new_role(desk: Desk, company: UUID, owner: Caller) -> None:
    await hired(desk, company, "ann", role="hr")
    session = await desk.session("ann@company.com")
    await change(desk, owner, caller_of(session), role="member")
    assert claims_of(done(await desk.refresh(session["refresh_token"])))["role"] == "member"
    [changed] = done(await desk.ask_as_peer("/internal/revocations"))["roles"]
    assert (changed["user_id"], changed["role"]) == (claims_of(session)["sub"], "member")


async def test_nobody_reaches_above_themselves(desk: Desk, company: UUID, owner: Caller) -> None:
    """CVE-2024-5127"""
    ada, bob = await hired(desk, company, "ada", role="admin"), await hired(desk, company, "bob")
    above: list[tuple[Caller, Json]] = [
        (owner, {"role": "member"}),
        (owner, {"status": "suspended"}),
        (owner, {"name": "Mud"}),
        (bob, {"role": "owner"}),
        (ada, {"role": "owner"}),
    ]
    for who, wanted in above:
        assert problem(await change(desk, ada, who, **wanted)) == (403, "role_too_high")
    assert problem(await remove(desk, ada, owner)) == (403, "role_too_high")
    assert done(await change(desk, ada, bob, role="admin"))["role"] == "admin"


async def test_what_the_caller_is_today_counts_and_not_what_the_token_says(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    ada, bob = await hired(desk, company, "ada", role="admin"), await hired(desk, company, "bob")
    await change(desk, owner, ada, role="member")
    assert problem(await change(desk, ada, bob, role="hr")) == (403, "role_too_high")
    assert problem(await change(desk, ada, bob, status="suspended")) == (403, "forbidden")
    assert problem(await remove(desk, ada, bob)) == (403, "forbidden")
    await change(desk, owner, ada, role="admin", status="suspended")
    assert problem(await change(desk, ada, bob, role="hr")) == (403, "forbidden")
    await remove(desk, owner, ada)
    assert problem(await change(desk, ada, bob, role="hr")) == (403, "forbidden")


async def test_only_who_manages_members_may(desk: Desk, company: UUID, owner: Caller) -> None:
    for role in ("hr", "member"):
        person = await hired(desk, company, role, role=role)
        assert problem(await change(desk, person, person, name="Me")) == (403, "forbidden")
        assert problem(await remove(desk, person, owner)) == (403, "forbidden")
    assert problem(await desk.patch(f"/api/users/{owner.subject}", {"name": "X"}))[0] == 401


async def test_people_of_another_tenant_are_nobody(desk: Desk, company: UUID, owner: Caller) -> None:
    """CVE-2026-105209"""
    other = await desk.tenant("other")
    eve = await hired(desk, other, "eve")
    for who in (eve.subject, uuid4()):
        assert problem(await change(desk, owner, who, role="hr")) == (404, "user_not_found")
        assert problem(await remove(desk, owner, who)) == (404, "user_not_found")
    assert problem(await change(desk, an_operator(), eve, role="hr"))[0] in (403, 404)
    assert await events(desk, eve.subject) == []


async def test_a_role_in_one_tenant_is_changed_in_no_other(desk: Desk, company: UUID, owner: Caller) -> None:
    other = await desk.tenant("other")
    eve = await hired(desk, other, "eve", role="owner")
    await desk.join(eve.subject, company)
    assert done(await change(desk, owner, eve, role="hr", name="Eva"))["role"] == "hr"
    there = done(await desk.get(f"/api/users/{eve.subject}", by=eve))
    assert (there["role"], there["name"]) == ("owner", "Eve")


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "pending"},
        {"status": "gone"},
        {"role": "king"},
        {"name": ""},
        {"name": "a\u202eb"},
        {"name": "x" * 201},
        {"email": "x@y.example"},
        {"email_verified": True},
        {"tenant_id": str(uuid4())},
    ],
)
async def test_what_cannot_be_is_refused(desk: Desk, owner: Caller, odd: Json) -> None:
    """CVE-2026-27946"""
    assert problem(await change(desk, owner, owner, **odd)) == (422, "invalid_request")


async def test_a_suspension_ends_all_sessions_here_and_only_here(desk: Desk, company: UUID, owner: Caller) -> None:
    """GHSA-2vg6-77g8-24mp"""
    other = await desk.tenant("other")
    ann = await hired(desk, company, "ann")
    await desk.join(ann.subject, other)
    here = [await desk.session("ann@company.com") for _ in range(2)]
    there = await desk.session("ann@company.com", tenant_id=str(other))
    assert done(await change(desk, owner, ann, status="suspended"))["status"] == "suspended"
    for session in here:
        assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")
    assert {told["session_id"] for _, told in await desk.told()} == {claims_of(session)["sid"] for session in here}
    assert {told["reason"] for _, told in await desk.told()} == {"membership_suspended"}
    assert problem(await desk.log_in("ann@company.com")) == (403, "membership_suspended")
    done(await desk.refresh(there["refresh_token"]))
    assert await events(desk, ann.subject) == ["suspended"]


async def test_a_token_that_outlives_its_session_does_not_outlive_the_suspension(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    """GHSA-2vg6-77g8-24mp: it was handed out in the last minutes of a session that is over since."""
    ann = await hired(desk, company, "ann")
    await desk.rows("""UPDATE tenants SET settings = '{"session_days": 1}'""")
    session = await desk.session("ann@company.com")
    desk.clock.ahead = timedelta(days=1) - timedelta(minutes=1)
    session = done(await desk.refresh(session["refresh_token"]))
    desk.clock.ahead = timedelta(days=1, minutes=8)
    assert claims_of(session)["exp"] > desk.clock().timestamp()
    await change(desk, owner, ann, status="suspended")
    [ended] = done(await desk.ask_as_peer("/internal/revocations"))["sessions"]
    assert ended["id"] == claims_of(session)["sid"]


async def test_the_end_of_a_suspension_lets_in_again_and_revives_nothing(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    """CVE-2026-55987"""
    ann = await hired(desk, company, "ann")
    session = await desk.session("ann@company.com")
    await change(desk, owner, ann, status="suspended")
    await change(desk, owner, ann, status="active")
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")
    await desk.session("ann@company.com")
    assert await events(desk, ann.subject) == ["suspended", "resumed"]


async def test_approving_lets_in_and_says_so(desk: Desk, company: UUID, owner: Caller) -> None:
    ann = await hired(desk, company, "ann", status="pending")
    assert problem(await desk.log_in("ann@company.com")) == (403, "approval_required")
    assert done(await change(desk, owner, ann, status="active"))["status"] == "active"
    await desk.session("ann@company.com")
    assert await events(desk, ann.subject) == ["approved"]
    [mail] = await desk.mails()
    assert (mail["kind"], mail["to"]) == ("approved", "ann@company.com")
    assert "Company has approved you" in mail["text"]


async def test_who_waits_is_approved_or_removed_and_not_suspended(desk: Desk, company: UUID, owner: Caller) -> None:
    waiting = await hired(desk, company, "ann", status="pending")
    assert problem(await change(desk, owner, waiting, status="suspended")) == (409, "not_approved")
    unproven = await hired(desk, company, "carl", status="pending", verified=False)
    for wanted in ({"status": "active"}, {"role": "admin"}, {"name": "Carla"}):
        assert problem(await change(desk, owner, unproven, **wanted)) == (409, "address_unproven")
    assert await desk.mails() == []


async def test_the_last_owner_stays(desk: Desk, company: UUID, owner: Caller) -> None:
    await hired(desk, company, "sue", role="owner", status="suspended")
    for wanted in ({"role": "admin"}, {"status": "suspended"}):
        assert problem(await change(desk, owner, owner, **wanted)) == (409, "last_owner")
    assert problem(await remove(desk, owner, owner)) == (409, "last_owner")
    second = await hired(desk, company, "oscar", role="owner")
    assert done(await change(desk, second, owner, role="admin"))["role"] == "admin"
    assert problem(await remove(desk, second, second)) == (409, "last_owner")


async def test_owners_who_go_for_each_other_at_once_leave_one(desk: Desk, company: UUID, owner: Caller) -> None:
    owners = [owner, *[await hired(desk, company, f"o{n}", role="owner") for n in range(5)]]
    pairs = list(zip(owners, owners[1:] + owners[:1], strict=True))
    answers = await asyncio.gather(
        *(change(desk, one, other, role="member") for one, other in pairs),
        *(change(desk, one, other, status="suspended") for one, other in reversed(pairs)),
        *(remove(desk, one, one) for one, _ in pairs),
    )
    assert {answer.status_code for answer in answers} <= {200, 204, 403, 404, 409}
    left = await desk.rows("SELECT FROM memberships WHERE role = 'owner' AND status = 'active'")
    assert len(left) >= 1


async def test_two_last_owners_cannot_both_step_down(desk: Desk, company: UUID, owner: Caller) -> None:
    for _ in range(5):
        second = await hired(desk, company, f"o{uuid4().hex[:6]}", role="owner")
        answers = await asyncio.gather(
            change(desk, owner, owner, role="admin"), change(desk, second, second, role="admin")
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        [[left]] = await desk.rows("SELECT user_id FROM memberships WHERE role = 'owner'")
        owner = owner if left == owner.subject else second


async def test_of_two_owners_who_take_each_others_role_at_once_one_is_refused(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    for _ in range(5):
        one, other = [await hired(desk, company, f"o{uuid4().hex[:6]}", role="owner") for _ in range(2)]
        answers = await asyncio.gather(change(desk, one, other, role="member"), change(desk, other, one, role="member"))
        assert sorted(answer.status_code for answer in answers) == [200, 403]


@pytest.mark.parametrize("role", ["owner", "admin"])
@pytest.mark.parametrize("fate", [{}, {"role": "member"}, {"status": "suspended"}])
async def test_who_is_taken_out_while_they_wait_changes_nobody_any_more(
    desk: Desk, company: UUID, owner: Caller, role: str, fate: Json
) -> None:
    by, ann = await hired(desk, company, "by", role=role), await hired(desk, company, "ann")
    async with desk.behind.lend() as somebody, somebody.transaction():
        await somebody.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", ann.subject)
        changing = asyncio.ensure_future(change(desk, by, ann, role=role))
        await waiting(desk.behind, 1)
        answer = await (change(desk, owner, by, **fate) if fate else remove(desk, owner, by))
        assert answer.is_success, answer.text
    assert (await changing).status_code == 403
    [[left]] = await desk.rows("SELECT role FROM memberships WHERE user_id = $1", ann.subject)
    assert left == "member"


async def test_who_signs_in_while_being_suspended_is_out_in_the_end(desk: Desk, company: UUID, owner: Caller) -> None:
    ann = await hired(desk, company, "ann")
    await asyncio.gather(
        *(desk.log_in("ann@company.com") for _ in range(4)), change(desk, owner, ann, status="suspended")
    )
    assert await desk.rows("SELECT FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", ann.subject) == []


async def test_of_two_changes_of_a_role_the_later_counts_whatever_the_clocks_say(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    """The second one on a replica whose clock is behind."""
    ann = await hired(desk, company, "ann")
    await change(desk, owner, ann, role="hr")
    desk.clock.ahead = -timedelta(seconds=3)
    await change(desk, owner, ann, role="member")
    first, second = [event["dead_until"] for _, event in await desk.told("auth.membership.role_changed.v1")]
    assert datetime.fromisoformat(first) < datetime.fromisoformat(second)


async def test_who_loses_a_role_at_this_moment_does_not_give_it_back_to_themselves(
    desk: Desk, company: UUID, owner: Caller
) -> None:
    await hired(desk, company, "otto", role="owner")
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("UPDATE memberships SET role = 'admin' WHERE user_id = $1", owner.subject)
            changing = asyncio.ensure_future(change(desk, owner, owner, role="owner"))
            await waiting(desk.behind, 1)
        assert problem(await changing) == (403, "role_too_high")
