"""Signing up with the link of an invitation."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from shared.contracts.tenancy import Role
from tests.integration.auth.desk import PASSWORD, Company, Desk, caller_of, claims_of, problem
from tests.integration.auth.invitations import Invited

NEW = "newuser@example.com"


async def test_the_invited_person_is_in_at_once(desk: Desk, company: Company) -> None:
    invited = desk.invite(company, NEW, Role.HR)

    answer = await desk.sign_up(NEW, invited.token)

    assert answer.status_code == 201, answer.text
    session = answer.json()
    user = session["user"]
    assert (user["tenant_id"], user["role"], user["status"]) == (str(company.id), "hr", "active")
    assert user["email_verified"] is True
    assert claims_of(session)["tenant_id"] == str(company.id)
    assert await desk.mails(NEW) == []


async def test_the_events_tell_of_the_person_and_of_the_invitation_that_was_used(desk: Desk, company: Company) -> None:
    invited = desk.invite(company, NEW, Role.HR)
    session = (await desk.sign_up(NEW, invited.token)).json()

    (registered,) = await desk.told("user.registered")
    assert registered["email_verified"] is True
    (created,) = await desk.told("membership.created")
    assert created == {
        "user_id": session["user"]["id"],
        "tenant_id": str(company.id),
        "email": NEW,
        "name": "Anna Berg",
        "role": "hr",
        "status": "active",
        "joined_via": "invitation",
        "invitation_id": str(invited.id),
    }


async def test_role_tenant_and_proof_come_from_the_invitation_never_from_the_request(
    desk: Desk, company: Company
) -> None:
    """CVE-2024-0404."""
    invited = desk.invite(company, NEW)

    for member, value in (("role", "owner"), ("tenant_id", str(company.id)), ("email_verified", True)):
        answer = await desk.sign_up(NEW, invited.token, **{member: value})
        assert problem(answer) == (422, "invalid_request")
        assert [error["field"] for error in answer.json()["errors"]] == [member]
    session = (await desk.sign_up(NEW, invited.token)).json()
    assert session["user"]["role"] == "member"


async def test_a_link_works_for_its_own_address_only(desk: Desk, company: Company) -> None:
    invited = desk.invite(company, NEW)

    assert problem(await desk.sign_up("other@example.com", invited.token)) == (403, "invitation_email_mismatch")
    assert await desk.rows("SELECT * FROM users") == []


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("expired", (410, "invitation_expired")),
        ("revoked", (410, "invitation_revoked")),
        ("tenant_suspended", (403, "tenant_suspended")),
    ],
)
async def test_a_dead_link_lets_nobody_in(desk: Desk, company: Company, state: str, refusal: tuple[int, str]) -> None:
    invited = desk.invite(company, NEW)
    desk.invitations.change(invited, state)

    assert problem(await desk.sign_up(NEW, invited.token)) == refusal
    assert await desk.rows("SELECT * FROM users") == []


async def test_a_changed_link_is_no_link(desk: Desk, company: Company) -> None:
    """CVE-2026-1529."""
    token = desk.invite(company, NEW).token

    for place in (0, len(token) // 2, len(token) - 1):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert problem(await desk.sign_up(NEW, changed)) == (404, "invitation_not_found")


@pytest.mark.parametrize("token", ["", [], 0, False, {}])
async def test_what_is_no_token_is_refused(desk: Desk, token: object) -> None:
    """CVE-2019-16109."""
    answer = await desk.post(
        "/api/auth/signup", {"email": NEW, "password": PASSWORD, "name": "Anna", "invitation_token": token}
    )
    assert problem(answer) == (422, "invalid_request")


async def test_an_invited_address_without_its_link_gets_the_neutral_answer(desk: Desk, company: Company) -> None:
    """OneUptime #3273: the invitation is not even asked for, so nothing can be learnt from it."""
    desk.invite(company, NEW)
    desk.invite(company, "anna@company.com", Role.ADMIN)

    assert problem(await desk.sign_up(NEW)) == (422, "tenant_undetermined")
    invited, other = await desk.sign_up("anna@company.com"), await desk.sign_up("bo@company.com")

    assert invited.status_code == other.status_code == 202
    assert invited.json().keys() == other.json().keys()
    assert await desk.rows("SELECT * FROM sessions") == []
    assert desk.invitations.asked == []


async def test_a_proven_account_is_never_touched_and_the_link_stays_good_for_it(desk: Desk, company: Company) -> None:
    rival = await desk.found("Rival")
    session = await desk.join(rival, NEW)
    before, invited = await desk.user(NEW), desk.invite(company, NEW)

    assert problem(await desk.sign_up(NEW, invited.token, password="Somebody-elses")) == (409, "account_exists")

    assert await desk.user(NEW) == before
    assert (await desk.accept(invited.token, caller_of(session))).status_code == 200


async def test_nothing_is_reserved_for_a_sign_up_that_is_refused(desk: Desk, company: Company) -> None:
    """Or whoever has the link could keep it from being taken back, by failing once a minute."""
    await desk.join(await desk.found("Rival"), "anna@rival.com")
    desk.invitations.asked.clear()
    weak = await desk.sign_up(NEW, desk.invite(company, NEW).token, password=NEW)
    assert problem(weak) == (422, "weak_password")
    exists = await desk.sign_up("anna@rival.com", desk.invite(company, "anna@rival.com").token)
    assert problem(exists) == (409, "account_exists")
    assert desk.invitations.asked == ["auth previews a token"] * 2


async def test_what_is_wrong_with_the_link_is_told_before_what_is_wrong_with_the_password(
    desk: Desk, company: Company
) -> None:
    """And nothing of an account at an address that the link is not for."""
    await desk.join(await desk.found("Rival"), "anna@rival.com")
    for state in ("revoked", "expired"):
        invited = desk.invite(company, NEW)
        desk.invitations.change(invited, state)
        assert problem(await desk.sign_up(NEW, invited.token, password=NEW)) == (410, f"invitation_{state}")
    foreign = await desk.sign_up("anna@rival.com", desk.invite(company, NEW).token)
    assert problem(foreign) == (403, "invitation_email_mismatch")


async def test_whoever_squatted_the_address_loses_everything(desk: Desk, company: Company) -> None:
    """CVE-2026-53516: password, links and sessions of the unproven account are gone."""
    email = "victim@company.com"
    await desk.sign_up(email, password="The-attackers-own-one", name="Mallory")
    (mail,) = await desk.mails(email)
    squatter = (await desk.user(email))["id"]
    await _plant_session(desk, company, squatter)

    session = await desk.join(company, email, Role.ADMIN, name="Victim")

    assert session["user"]["id"] != str(squatter)
    assert (session["user"]["name"], session["user"]["role"]) == ("Victim", "admin")
    assert problem(await desk.log_in(email, "The-attackers-own-one")) == (401, "invalid_credentials")
    assert problem(await desk.verify(mail.token)) == (410, "invalid_token")
    assert await desk.rows("SELECT * FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", squatter) == []
    assert [each["user_id"] for each in await desk.told("session.revoked")] == [str(squatter)]
    assert [each["role"] for each in await desk.memberships(email)] == ["admin"]
    assert (await desk.log_in(email)).status_code == 200


async def test_a_squatter_in_another_tenant_is_no_obstacle(desk: Desk, company: Company) -> None:
    rival, email = await desk.found("Rival"), "victim@company.com"
    await desk.sign_up(email)

    session = await desk.join(rival, email)

    assert session["tenant"]["id"] == str(rival.id)
    assert [each["tenant_id"] for each in await desk.memberships(email)] == [rival.id]


async def test_fifty_sign_ups_with_one_link_make_one_account(desk: Desk, company: Company) -> None:
    """CVE-2024-2913."""
    token = desk.invite(company, NEW).token

    answers = await asyncio.gather(*(desk.sign_up(NEW, token) for _ in range(50)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert {problem(answer) for answer in answers if answer.status_code != 201} == {(409, "account_exists")}
    assert len(await desk.memberships(NEW)) == 1
    assert len(await desk.told("membership.created")) == 1


async def test_a_used_link_is_dead_once_its_person_has_left(desk: Desk, company: Company) -> None:
    """CVE-2025-13324: also while invitations has not yet heard that the link was used."""
    invited = desk.invite(company, NEW)
    await desk.sign_up(NEW, invited.token)
    await desk.rows("DELETE FROM users WHERE email = $1", NEW)

    assert problem(await desk.sign_up(NEW, invited.token)) == (410, "invitation_used")

    desk.invitations.change(invited, "accepted")
    assert problem(await desk.sign_up(NEW, invited.token)) == (410, "invitation_used")


async def test_a_suspended_tenant_takes_nobody_and_the_link_works_afterwards(desk: Desk, company: Company) -> None:
    invited = desk.invite(company, NEW)
    await desk.suspend(company)

    assert problem(await desk.sign_up(NEW, invited.token)) == (403, "tenant_suspended")
    assert await desk.rows("SELECT * FROM users") == []

    await desk.resume(company)
    assert (await desk.sign_up(NEW, invited.token)).status_code == 201


async def test_a_tenant_that_auth_has_not_heard_of_yet_is_worth_another_try(desk: Desk, company: Company) -> None:
    ghost = desk.invitations.add(Invited(UUID(int=7), NEW))

    answer = await desk.sign_up(NEW, ghost.token)

    assert problem(answer) == (503, "tenant_not_replicated")
    assert int(answer.headers["retry-after"]) >= 1
    assert await desk.rows("SELECT * FROM users") == []


async def test_who_takes_longer_than_the_invitation_is_kept_has_to_come_again(desk: Desk, company: Company) -> None:
    """It may have been taken back by then: a process that stood still for a while must not let anybody in by it."""
    invited = desk.invite(company, NEW)
    desk.invitations.keeps_for = timedelta()

    assert problem(await desk.sign_up(NEW, invited.token)) == (503, "reservation_lapsed")
    assert await desk.rows("SELECT * FROM users") == []
    assert await desk.told() == []

    desk.invitations.keeps_for = timedelta(minutes=1)
    assert (await desk.sign_up(NEW, invited.token)).status_code == 201


async def test_the_link_is_no_link_for_anything_else(desk: Desk, company: Company) -> None:
    """CVE-2024-6087."""
    token = desk.invite(company, NEW).token

    assert problem(await desk.verify(token)) == (410, "invalid_token")
    reset = await desk.post("/api/auth/password/reset", {"token": token, "password": "A-brand-new-password"})
    assert problem(reset) == (410, "invalid_token")


async def _plant_session(desk: Desk, company: Company, user_id: UUID) -> None:
    """What no route grants to an unproven account, in case one ever did."""
    await desk.rows(
        "INSERT INTO sessions (id, tenant_id, user_id, created_at, last_used_at, expires_at, agent, address)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $3, $4, '', '')",
        company.id,
        user_id,
        desk.clock(),
        desk.clock() + timedelta(days=1),
    )
