"""Accepting an invitation with an account that is there already."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from shared.contracts.tenancy import Role
from shared.ids import new_id
from tests.integration.auth.desk import Company, Desk, Json, caller_of, problem
from tests.support.callers import a_caller

ANNA = "anna@example.com"


@pytest.fixture
async def rival(desk: Desk) -> Company:
    return await desk.found("Rival")


@pytest.fixture
async def anna(desk: Desk, rival: Company) -> Json:
    """Signed in at Rival."""
    return await desk.join(rival, ANNA)


async def test_accepting_signs_in_to_the_other_tenant(desk: Desk, company: Company, rival: Company, anna: Json) -> None:
    invited = desk.invite(company, ANNA, Role.HR)

    answer = await desk.accept(invited.token, caller_of(anna))

    assert answer.status_code == 200, answer.text
    session = answer.json()
    assert session["tenant"]["id"] == session["user"]["tenant_id"] == str(company.id)
    assert (session["user"]["id"], session["user"]["role"]) == (anna["user"]["id"], "hr")
    assert {each["tenant_id"] for each in await desk.memberships(ANNA)} == {company.id, rival.id}
    assert (await desk.user(ANNA))["tenant_id"] == rival.id


async def test_accepting_again_is_a_success_and_changes_nothing(desk: Desk, company: Company, anna: Json) -> None:
    invited, caller = desk.invite(company, ANNA), caller_of(anna)
    await desk.accept(invited.token, caller)
    told, members = await desk.told("membership.created"), await desk.memberships(ANNA)

    before_the_event = await desk.accept(invited.token, caller)
    desk.invitations.change(invited, "accepted", caller.subject)
    after_the_event = await desk.accept(invited.token, caller)

    assert before_the_event.status_code == after_the_event.status_code == 200
    assert await desk.told("membership.created") == told
    assert [each["role"] for each in await desk.memberships(ANNA)] == [each["role"] for each in members]


async def test_accepts_at_once_make_one_member(desk: Desk, company: Company, anna: Json) -> None:
    """better-auth#9154."""
    invited = desk.invite(company, ANNA)

    answers = await asyncio.gather(*(desk.accept(invited.token, caller_of(anna)) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    created = [each for each in await desk.told("membership.created") if each["tenant_id"] == str(company.id)]
    assert len(created) == 1


async def test_another_account_cannot_use_the_link(desk: Desk, company: Company, rival: Company) -> None:
    """sentry#19592."""
    invited = desk.invite(company, ANNA)
    other = await desk.join(rival, "other@example.com")

    assert problem(await desk.accept(invited.token, caller_of(other))) == (403, "invitation_email_mismatch")
    assert len(await desk.memberships("other@example.com")) == 1


async def test_an_unverified_account_can_neither_read_nor_accept(desk: Desk, company: Company, anna: Json) -> None:
    """GHSA-fmh4-wcc4-5jm3: invitations is not even asked."""
    invited = desk.invite(company, ANNA)
    await desk.rows("UPDATE users SET email_verified_at = NULL WHERE email = $1", ANNA)
    asked = list(desk.invitations.asked)

    assert problem(await desk.accept(invited.token, caller_of(anna))) == (403, "email_unverified")
    assert desk.invitations.asked == asked
    assert len(await desk.memberships(ANNA)) == 1


async def test_who_has_left_is_not_let_in_by_the_old_link(desk: Desk, company: Company, anna: Json) -> None:
    """CVE-2025-13324: also while invitations has not yet heard that the link was used."""
    invited, caller = desk.invite(company, ANNA), caller_of(anna)
    await desk.accept(invited.token, caller)
    await desk.rows("DELETE FROM memberships WHERE email = $1 AND tenant_id = $2", ANNA, company.id)

    assert problem(await desk.accept(invited.token, caller)) == (410, "invitation_used")

    desk.invitations.change(invited, "accepted", caller.subject)
    assert problem(await desk.accept(invited.token, caller)) == (410, "invitation_used")
    assert len(await desk.memberships(ANNA)) == 1


async def test_an_invitation_raises_whoever_came_by_the_domain(desk: Desk, company: Company) -> None:
    """PostHog#23930, the other way round: first the domain, then the invitation."""
    email = "bo@company.com"
    await desk.sign_up(email)
    (mail,) = await desk.mails(email)
    session = (await desk.verify(mail.token)).json()
    invited = desk.invite(company, email, Role.ADMIN)

    answer = await desk.accept(invited.token, caller_of(session))

    assert answer.json()["user"]["role"] == "admin"
    (membership,) = await desk.memberships(email)
    assert (membership["role"], membership["invitation_id"]) == ("admin", invited.id)


async def test_a_member_who_was_locked_out_stays_out(desk: Desk, company: Company, anna: Json) -> None:
    """CVE-2024-47060."""
    await desk.accept(desk.invite(company, ANNA).token, caller_of(anna))
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE tenant_id = $1", company.id)

    refused = await desk.accept(desk.invite(company, ANNA, Role.OWNER).token, caller_of(anna))

    assert problem(refused) == (403, "membership_suspended")
    assert {each["status"] for each in await desk.memberships(ANNA)} == {"active", "suspended"}


async def test_a_suspended_tenant_takes_nobody(desk: Desk, company: Company, anna: Json) -> None:
    await desk.suspend(company)

    refused = await desk.accept(desk.invite(company, ANNA).token, caller_of(anna))

    assert problem(refused) == (403, "tenant_suspended")


async def test_nobody_accepts_without_signing_in(desk: Desk, company: Company) -> None:
    assert problem(await desk.accept(desk.invite(company, ANNA).token, None)) == (401, "unauthenticated")


async def test_whoever_is_gone_accepts_nothing(desk: Desk, company: Company) -> None:
    ghost = a_caller(company.id, subject=new_id())

    assert problem(await desk.accept(desk.invite(company, ANNA).token, ghost)) == (401, "unauthenticated")


async def test_a_session_that_has_ended_opens_no_other(desk: Desk, company: Company, anna: Json) -> None:
    """GHSA-2vg6-77g8-24mp: a stolen access token would otherwise outlive the sign-out, or the new password."""
    await desk.post("/api/auth/logout", by=caller_of(anna))

    refused = await desk.accept(desk.invite(company, ANNA).token, caller_of(anna))

    assert problem(refused) == (401, "unauthenticated")
    assert company.id not in {each["tenant_id"] for each in await desk.memberships(ANNA)}
    assert len(await desk.rows("SELECT FROM sessions")) == 1


async def test_an_api_key_accepts_nothing(desk: Desk, company: Company, anna: Json) -> None:
    """It would come back as a session of whoever made it."""
    key = replace(caller_of(anna), session_id=None, key_id=new_id())

    assert problem(await desk.accept(desk.invite(company, ANNA).token, key)) == (403, "forbidden")


@pytest.mark.parametrize(
    "body", [{}, {"token": ""}, {"token": None}, {"token": ["x"]}, {"token": "x", "role": "owner"}]
)
async def test_what_does_not_fit_is_refused(desk: Desk, anna: Json, body: object) -> None:
    """CVE-2019-16109, CVE-2024-0404."""
    answer = await desk.post("/api/invitations/accept", body, caller_of(anna))

    assert problem(answer) == (422, "invalid_request")


class TestPreview:
    async def test_a_stranger_sees_what_the_link_is_for(self, desk: Desk, company: Company) -> None:
        invited = desk.invite(company, ANNA, Role.HR)

        answer = await desk.post("/api/invitations/preview", {"token": invited.token})

        assert (answer.status_code, answer.json()) == (
            200,
            {
                "state": "valid",
                "tenant": {"name": "Company"},
                "email": ANNA,
                "role": "hr",
                "account_exists": False,
            },
        )

    async def test_looking_changes_nothing(self, desk: Desk, company: Company) -> None:
        """supabase#1214, FusionAuth#629."""
        invited = desk.invite(company, ANNA)
        for _ in range(3):
            await desk.post("/api/invitations/preview", {"token": invited.token})

        assert (await desk.sign_up(ANNA, invited.token)).status_code == 201

    async def test_signed_in_as_somebody_else(self, desk: Desk, company: Company, rival: Company) -> None:
        other = await desk.join(rival, "other@example.com")
        invited = desk.invite(company, ANNA)

        assert await _state(desk, invited.token, other) == "wrong_account"

    async def test_signed_in_as_the_invited_person(self, desk: Desk, company: Company, anna: Json) -> None:
        invited = desk.invite(company, ANNA)

        answer = await desk.post("/api/invitations/preview", {"token": invited.token}, caller_of(anna))

        assert (answer.json()["state"], answer.json()["account_exists"]) == ("valid", True)

    async def test_a_squatted_address_has_no_account(self, desk: Desk, company: Company) -> None:
        await desk.sign_up("bo@company.com")
        invited = desk.invite(company, "bo@company.com")

        answer = await desk.post("/api/invitations/preview", {"token": invited.token})

        assert answer.json()["account_exists"] is False

    @pytest.mark.parametrize("state", ["expired", "revoked"])
    async def test_a_dead_link_says_why(self, desk: Desk, company: Company, anna: Json, state: str) -> None:
        invited = desk.invite(company, "else@example.com")
        desk.invitations.change(invited, state)

        assert await _state(desk, invited.token, None) == state
        assert await _state(desk, invited.token, anna) == state

    async def test_a_used_link_says_by_whom_to_that_person_only(self, desk: Desk, company: Company, anna: Json) -> None:
        invited = desk.invite(company, ANNA)
        desk.invitations.change(invited, "accepted", UUID(anna["user"]["id"]))

        assert await _state(desk, invited.token, anna) == "used_by_you"
        assert await _state(desk, invited.token, None) == "used"

    async def test_what_is_no_link_is_not_found(self, desk: Desk) -> None:
        answer = await desk.post("/api/invitations/preview", {"token": "made-up"})

        assert problem(answer) == (404, "invitation_not_found")


async def _state(desk: Desk, token: str, session: Json | None) -> str:
    answer = await desk.post("/api/invitations/preview", {"token": token}, caller_of(session) if session else None)
    state: str = answer.json()["state"]
    return state


async def test_nothing_is_reserved_for_whom_it_does_not_let_in(desk: Desk, company: Company, anna: Json) -> None:
    """Or they could keep it from being taken back, by trying once a minute."""
    await desk.accept(desk.invite(company, ANNA).token, caller_of(anna))
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE tenant_id = $1", company.id)
    raised = desk.invite(company, ANNA, Role.OWNER)
    desk.invitations.asked.clear()

    assert problem(await desk.accept(raised.token, caller_of(anna))) == (403, "membership_suspended")
    await desk.suspend(company)
    assert problem(await desk.accept(raised.token, caller_of(anna))) == (403, "tenant_suspended")

    assert desk.invitations.asked == ["auth previews a token"] * 2
