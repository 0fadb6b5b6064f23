"""An offer to be more than a member stands while whoever has made it could make it, whatever invitations knows yet."""

from uuid import UUID

import pytest

from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from tests.integration.auth.desk import PASSWORD, Company, Desk, caller_of, problem
from tests.integration.auth.invitations import Invited

ANNA, BOB = "anna@example.com", "bob@company.com"
INSIDER = "insider@company.com"
ENDS = {
    "removed": "DELETE FROM memberships WHERE tenant_id = $1 AND email = $2",
    "suspended": "UPDATE memberships SET status = 'suspended' WHERE tenant_id = $1 AND email = $2",
    "waiting for approval": "UPDATE memberships SET status = 'pending' WHERE tenant_id = $1 AND email = $2",
    "demoted": "UPDATE memberships SET role = 'hr' WHERE tenant_id = $1 AND email = $2",
}
REVOKED = (410, "invitation_revoked")


@pytest.fixture
async def rival(desk: Desk) -> Company:
    return await desk.found("Rival")


@pytest.fixture
async def insider(desk: Desk, company: Company, rival: Company) -> UUID:
    """An admin of the tenant, who is at home in another."""
    session = await desk.join(rival, INSIDER)
    await desk.accept(desk.invite(company, INSIDER, Role.ADMIN).token, caller_of(session))
    return UUID(session["user"]["id"])


@pytest.mark.parametrize("end", ENDS)
async def test_whoever_may_not_offer_it_any_more_lets_nobody_in_by_it(
    desk: Desk, company: Company, rival: Company, insider: UUID, end: str
) -> None:
    session = await desk.join(rival, ANNA)
    for_anna = desk.invite(company, ANNA, Role.ADMIN, by=insider)
    for_new = desk.invite(company, "new@example.com", Role.HR, by=insider)
    await desk.rows(ENDS[end], company.id, INSIDER)
    before = await desk.rows("SELECT * FROM memberships")
    desk.invitations.asked.clear()

    body = {"email": ANNA, "password": PASSWORD, "invitation_token": for_anna.token}
    assert problem(await desk.post("/api/auth/login", body)) == REVOKED
    assert problem(await desk.accept(for_anna.token, caller_of(session))) == REVOKED
    assert problem(await desk.sign_up("new@example.com", for_new.token)) == REVOKED
    assert await desk.rows("SELECT * FROM memberships") == before
    assert desk.invitations.asked == ["auth previews a token"] * 3  # and nobody who has it can keep it reserved


@pytest.mark.parametrize("end", ENDS)
async def test_a_member_s_link_is_good_whoever_made_it(desk: Desk, company: Company, insider: UUID, end: str) -> None:
    invited = desk.invite(company, ANNA, by=insider)
    await desk.rows(ENDS[end], company.id, INSIDER)
    assert (await desk.sign_up(ANNA, invited.token)).status_code == 201


async def test_what_they_still_may_is_good(desk: Desk, company: Company, insider: UUID) -> None:
    for role in (Role.ADMIN, Role.HR):
        invited = desk.invite(company, f"{role}@example.com", role, by=insider)
        session = await desk.sign_up(invited.email, invited.token)
        assert session.json()["user"]["role"] == role


async def test_whom_it_has_let_in_is_in(desk: Desk, company: Company, rival: Company, insider: UUID) -> None:
    session = await desk.join(rival, ANNA)
    invited = desk.invite(company, ANNA, Role.ADMIN, by=insider)
    assert (await desk.accept(invited.token, caller_of(session))).status_code == 200
    await desk.rows(ENDS["removed"], company.id, INSIDER)
    again = await desk.accept(invited.token, caller_of(session))
    assert (again.status_code, again.json()["user"]["role"]) == (200, "admin")


async def test_who_proves_an_address_comes_by_its_domain_then(desk: Desk, company: Company, insider: UUID) -> None:
    await desk.sign_up(BOB)
    desk.invite(company, BOB, Role.ADMIN, by=insider)
    await desk.rows(ENDS["removed"], company.id, INSIDER)
    verified = await desk.verify((await desk.mails(BOB))[-1].token)
    assert (verified.status_code, verified.json()["user"]["role"]) == (200, "member")


async def test_what_is_none_any_more_hides_no_other(
    desk: Desk, company: Company, rival: Company, insider: UUID
) -> None:
    await desk.sign_up(BOB)
    desk.invite(rival, BOB, Role.HR)
    desk.invite(company, BOB, Role.ADMIN, by=insider)
    await desk.rows(ENDS["removed"], company.id, INSIDER)
    verified = await desk.verify((await desk.mails(BOB))[-1].token)
    assert (verified.json()["tenant"]["id"], verified.json()["user"]["role"]) == (str(rival.id), "hr")


@pytest.mark.parametrize("end", [None, *ENDS])
async def test_nor_do_the_first_owners_whom_somebody_named_who_operates_no_more(
    desk: Desk, company: Company, rival: Company, end: str | None
) -> None:
    platform = Company(PLATFORM_TENANT_ID, "Platform", "platform")
    session = await desk.join(rival, INSIDER)
    await desk.accept(desk.invite(platform, INSIDER, Role.OWNER).token, caller_of(session))
    operator = UUID(session["user"]["id"])
    named = desk.invitations.add(Invited(company.id, ANNA, Role.OWNER, operator=operator))
    by_mail = desk.invitations.add(Invited(company.id, BOB, Role.OWNER, operator=operator))
    await desk.sign_up(BOB)
    if end:
        await desk.rows(ENDS[end], PLATFORM_TENANT_ID, INSIDER)

    answer = await desk.sign_up(ANNA, named.token)
    verified = await desk.verify((await desk.mails(by_mail.email))[-1].token)
    assert (answer.status_code, verified.json()["user"]["role"]) == ((410, "member") if end else (201, "owner"))
