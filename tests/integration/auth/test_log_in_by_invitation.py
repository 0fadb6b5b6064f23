"""Signing in with the link of an invitation, for whoever has an account that opens nothing else."""

import httpx
import pytest

from shared.contracts.tenancy import Role
from tests.integration.auth.desk import PASSWORD, Company, Desk, problem

ANNA = "anna@example.com"
KEPT_OUT = {
    "suspended": "UPDATE memberships SET status = 'suspended' WHERE tenant_id = $1",
    "waiting for approval": "UPDATE memberships SET status = 'pending' WHERE tenant_id = $1",
    "of a suspended tenant": "UPDATE tenants SET status = 'suspended' WHERE id = $1",
}


@pytest.fixture
async def rival(desk: Desk) -> Company:
    """Where Anna has her account."""
    rival = await desk.found("Rival")
    await desk.join(rival, ANNA)
    return rival


async def log_in(desk: Desk, token: str, **more: object) -> httpx.Response:
    body = {"email": ANNA, "password": PASSWORD, "invitation_token": token}
    return await desk.post("/api/auth/login", body | more)


@pytest.mark.parametrize("how", KEPT_OUT)
async def test_no_tenant_keeps_its_people_out_of_others(desk: Desk, company: Company, rival: Company, how: str) -> None:
    await desk.rows(KEPT_OUT[how], rival.id)
    invited = desk.invite(company, ANNA, Role.HR)
    assert problem(await desk.sign_up(ANNA, invited.token)) == (409, "account_exists")

    for answer in [await log_in(desk, invited.token), await log_in(desk, invited.token)]:
        assert answer.status_code == 200, answer.text
        assert (answer.json()["tenant"]["id"], answer.json()["user"]["role"]) == (str(company.id), "hr")

    assert {each["tenant_id"] for each in await desk.memberships(ANNA)} == {company.id, rival.id}
    assert (await desk.user(ANNA))["tenant_id"] == rival.id
    assert (await desk.log_in(ANNA)).status_code == 403


async def test_the_link_alone_opens_nothing(desk: Desk, company: Company, rival: Company) -> None:
    invited = desk.invite(company, ANNA)
    asked = list(desk.invitations.asked)

    wrong = await log_in(desk, invited.token, password="Some-other-words-9")
    assert problem(wrong) == (401, "invalid_credentials")
    both = await log_in(desk, invited.token, tenant_id=str(rival.id))
    assert problem(both) == (422, "invalid_request")
    await desk.rows("UPDATE users SET email_verified_at = NULL WHERE email = $1", ANNA)
    assert problem(await log_in(desk, invited.token)) == (403, "email_unverified")

    assert desk.invitations.asked == asked
    assert len(await desk.memberships(ANNA)) == 1


@pytest.mark.usefixtures("rival")
async def test_the_link_has_to_be_theirs_and_opens_no_door_that_is_shut(desk: Desk, company: Company) -> None:
    """sentry#19592, CVE-2024-47060."""
    for_another = desk.invite(company, "other@example.com", Role.OWNER)
    assert problem(await log_in(desk, for_another.token)) == (403, "invitation_email_mismatch")
    assert problem(await log_in(desk, "nobodys")) == (404, "invitation_not_found")

    assert (await log_in(desk, desk.invite(company, ANNA).token)).status_code == 200
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE tenant_id = $1", company.id)
    assert problem(await log_in(desk, desk.invite(company, ANNA).token)) == (403, "membership_suspended")
    assert problem(await log_in(desk, for_another.token)) == (403, "invitation_email_mismatch")


@pytest.mark.usefixtures("rival")
async def test_nothing_is_reserved_for_whom_it_does_not_let_in(desk: Desk, company: Company) -> None:
    """Or they could keep it from being taken back, by trying once a minute."""
    assert (await log_in(desk, desk.invite(company, ANNA).token)).status_code == 200
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE tenant_id = $1", company.id)
    raised = desk.invite(company, ANNA, Role.OWNER)
    desk.invitations.asked.clear()

    assert problem(await log_in(desk, raised.token)) == (403, "membership_suspended")
    await desk.rows("UPDATE tenants SET status = 'suspended' WHERE id = $1", company.id)
    assert problem(await log_in(desk, raised.token)) == (403, "tenant_suspended")

    assert desk.invitations.asked == ["auth previews a token"] * 2
