"""An invitation is kept while somebody joins with it, and not a moment longer when that fails: or it could be kept from
being taken back by failing again and again."""

import httpx

from tests.integration.auth.desk import PASSWORD, Company, Desk, caller_of, problem

ANNA, NEW = "anna@example.com", "newuser@example.com"
KEPT, RELEASED = "auth reserves a token", "auth releases a token"


async def log_in_with(desk: Desk, token: str) -> httpx.Response:
    return await desk.post("/api/auth/login", {"email": ANNA, "password": PASSWORD, "invitation_token": token})


async def test_after_a_refused_password(desk: Desk, company: Company) -> None:
    token = desk.invite(company, NEW).token
    assert problem(await desk.sign_up(NEW, token, password=NEW)) == (422, "weak_password")
    assert desk.invitations.asked == [KEPT, RELEASED]


async def test_after_a_sign_up_of_whoever_has_an_account(desk: Desk, company: Company) -> None:
    await desk.join(await desk.found("Rival"), ANNA)
    desk.invitations.asked.clear()
    assert problem(await desk.sign_up(ANNA, desk.invite(company, ANNA).token)) == (409, "account_exists")
    assert desk.invitations.asked == [KEPT, RELEASED]


async def test_after_a_sign_in_and_an_accepting_by_whom_the_tenant_has_locked_out(desk: Desk, company: Company) -> None:
    await desk.join(company, ANNA)
    session = (await desk.log_in(ANNA)).json()
    elsewhere = await desk.accept(desk.invite(await desk.found("Rival"), ANNA).token, caller_of(session))
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE email = $1 AND tenant_id = $2", ANNA, company.id)
    token = desk.invite(company, ANNA).token
    for answer in (await log_in_with(desk, token), await desk.accept(token, caller_of(elsewhere.json()))):
        assert problem(answer) == (403, "membership_suspended")
        assert desk.invitations.asked[-2:] == [KEPT, RELEASED]


async def test_not_after_a_success(desk: Desk, company: Company) -> None:
    assert (await desk.sign_up(NEW, desk.invite(company, NEW).token)).status_code == 201
    assert desk.invitations.asked == [KEPT]


async def test_what_was_refused_is_told_even_if_it_cannot_be_released(desk: Desk, company: Company) -> None:
    """The minute passes by itself."""
    token = desk.invite(company, NEW).token
    desk.invitations.is_deaf_to = RELEASED
    assert problem(await desk.sign_up(NEW, token, password=NEW)) == (422, "weak_password")
    assert desk.invitations.asked == [KEPT]
