"""Who invites is judged by what was heard of them, however old their token is, and at whatever moment that changes."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from shared.contracts.auth import (
    MembershipApproved,
    MembershipChange,
    MembershipRemoved,
    MembershipResumed,
    MembershipSuspended,
)
from shared.contracts.caller import Caller
from shared.contracts.tenancy import MembershipStatus, Role
from shared.ids import new_id
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk
from tests.integration.invitations.standing import becomes, is_now
from tests.support.connections import waiting

ACTIVE, PENDING, SUSPENDED = MembershipStatus


async def invite(desk: Desk, by: Caller, role: Role = Role.MEMBER) -> httpx.Response:
    return await desk.post("/api/invitations", by, email="ann@example.com", role=role)


def is_unsettled(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (503, "standing_unsettled")


@pytest.mark.parametrize(
    ("kind", "status"),
    [(MembershipRemoved, ACTIVE), (MembershipSuspended, SUSPENDED), (MembershipApproved, PENDING)],
)
async def test_whoever_is_not_in_invites_nobody(
    desk: Desk, company: Company, kind: type[MembershipChange], status: MembershipStatus
) -> None:
    await becomes(desk, company, company.admin, kind, status=status)
    before = await desk.everything()
    refused = await invite(desk, company.admin)
    assert is_unsettled(refused)
    assert "retry-after" in refused.headers
    assert await desk.everything() == before


@pytest.mark.parametrize("role", list(Role))
async def test_a_token_counts_for_no_more_than_was_heard(desk: Desk, company: Company, role: Role) -> None:
    await is_now(desk, company, company.admin, role)
    answer = await invite(desk, company.admin)
    if role in {Role.OWNER, Role.ADMIN}:
        assert answer.status_code == 201
    else:
        assert is_unsettled(answer)


async def test_nor_does_what_was_heard_help_an_older_token(desk: Desk, company: Company) -> None:
    await is_now(desk, company, company.hr, Role.OWNER)
    refused = await invite(desk, company.hr, Role.ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_high")


async def test_who_is_back_invites_again(desk: Desk, company: Company) -> None:
    await becomes(desk, company, company.admin, MembershipSuspended, status=SUSPENDED)
    await becomes(desk, company, company.admin, MembershipResumed)
    assert (await invite(desk, company.admin)).status_code == 201


async def test_of_whom_nothing_was_heard_the_token_is_believed(desk: Desk, company: Company) -> None:
    """An API key, or somebody of whom a release has told that kept no roles."""
    key = replace(company.hr, subject=new_id(), session_id=None, key_id=new_id())
    assert (await invite(desk, key)).status_code == 201
    await desk.join(company, "ida@company.com", user_id=company.admin.subject)
    await desk.rows("UPDATE members SET role = NULL, status = NULL")
    assert (await invite(desk, company.admin)).status_code == 200


async def test_who_was_forgotten_by_a_former_release_has_left(desk: Desk, company: Company) -> None:
    """It keeps neither role nor status, and leaves them as they were."""
    await is_now(desk, company, company.admin, Role.ADMIN)
    await desk.rows("UPDATE members SET email = '', name = ''")
    assert is_unsettled(await invite(desk, company.admin))


async def test_older_news_changes_nothing(desk: Desk, company: Company) -> None:
    """Replayed from the dead letters, when the person has long been raised again."""
    await is_now(desk, company, company.admin, Role.ADMIN, sequence=101)
    made = await desk.invite(company.admin, role=Role.ADMIN)
    await is_now(desk, company, company.admin, Role.MEMBER, sequence=100)
    assert (await desk.read(company.owner, made["id"]))["status"] == "pending"
    assert (await invite(desk, company.admin)).status_code == 200


@pytest.mark.parametrize("was_heard_of", [True, False])
async def test_what_is_being_offered_meanwhile_is_found(desk: Desk, company: Company, was_heard_of: bool) -> None:
    if was_heard_of:
        await is_now(desk, company, company.admin, Role.ADMIN)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("LOCK TABLE mails IN SHARE MODE")
            inviting = asyncio.ensure_future(invite(desk, company.admin, Role.ADMIN))
            await waiting(desk.behind, 1)
            removing = asyncio.ensure_future(becomes(desk, company, company.admin, MembershipRemoved))
            await waiting(desk.behind, 2)
        made = (await inviting).json()
        await removing
    assert (await desk.read(company.owner, made["id"]))["status"] == "revoked"


async def test_what_is_offered_while_they_are_removed_is_not_made(desk: Desk, company: Company) -> None:
    await is_now(desk, company, company.admin, Role.ADMIN)
    await desk.invite(company.admin, "bob@example.com", role=Role.ADMIN)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("SELECT FROM invitations FOR UPDATE")
            removing = asyncio.ensure_future(becomes(desk, company, company.admin, MembershipRemoved))
            await waiting(desk.behind, 1)
            inviting = asyncio.ensure_future(invite(desk, company.admin, Role.ADMIN))
            await waiting(desk.behind, 2)
        await removing
        assert is_unsettled(await inviting)
    assert [row["status"] for row in await desk.rows("SELECT status FROM invitations")] == ["revoked"]
