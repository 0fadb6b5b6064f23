"""Who made the first invitation to an address may have signed up with its link, in somebody else's place."""

from datetime import timedelta

import pytest

from shared.contracts.tenancy import Role
from shared.contracts.tenant_settings import SignInMethod
from tests.integration.auth.desk import Company, Desk, Json, caller_of, problem
from tests.integration.auth.test_joining_by_method import allow, by_link, log_in_with, switch

ANNA = "anna@example.com"


@pytest.fixture
async def evil(desk: Desk, company: Company) -> Company:
    """A tenant that invites people in order to be them; like the other one it takes every method."""
    evil = await desk.found("Evil")
    for tenant in (evil, company):
        await allow(desk, tenant, *SignInMethod)
    return evil


async def reset(desk: Desk, email: str, password: str) -> None:
    desk.clock.advance(timedelta(minutes=1))
    await desk.post("/api/auth/password/forgot", {"email": email})
    token = (await desk.mails(email))[-1].token
    answer = await desk.post("/api/auth/password/reset", {"token": token, "password": password})
    assert answer.status_code == 204, answer.text


async def accepted(desk: Desk, company: Company, session: Json) -> Json:
    answer = await desk.accept(desk.invite(company, ANNA, Role.ADMIN).token, caller_of(session))
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def test_whoever_comes_by_mail_takes_the_account_over(desk: Desk, company: Company, evil: Company) -> None:
    """CVE-2026-53516, by an inviter."""
    theirs = await desk.join(evil, ANNA)
    own = await by_link(desk, ANNA)
    await accepted(desk, company, own)

    assert problem(await switch(desk, theirs, company)) == (401, "unauthenticated")
    assert problem(await desk.post("/api/auth/refresh", {"refresh_token": theirs["refresh_token"]}))[0] == 401
    assert problem(await desk.log_in(ANNA)) == (401, "invalid_credentials")
    assert problem(await log_in_with(desk, desk.invite(company, ANNA).token)) == (401, "invalid_credentials")
    assert (await desk.mails(ANNA))[-1].kind == "password_dropped"
    assert (await desk.post("/api/auth/refresh", {"refresh_token": own["refresh_token"]})).status_code == 200


async def test_accepting_what_let_them_in_once_more_changes_nothing(
    desk: Desk, company: Company, evil: Company
) -> None:
    invited = desk.invite(evil, ANNA)
    assert (await desk.sign_up(ANNA, invited.token)).status_code == 201
    assert (await desk.accept(invited.token, caller_of(await by_link(desk, ANNA)))).status_code == 200
    assert (await desk.log_in(ANNA)).status_code == 200


async def test_it_happens_once(desk: Desk, company: Company, evil: Company) -> None:
    await desk.join(evil, ANNA)
    own = await by_link(desk, ANNA)
    await accepted(desk, company, own)
    await reset(desk, ANNA, "a password of her own")
    await accepted(desk, await other(desk), await by_link(desk, ANNA))
    assert (await desk.log_in(ANNA, "a password of her own")).status_code == 200


async def other(desk: Desk) -> Company:
    """One more tenant that takes every method."""
    found = await desk.found("Other")
    await allow(desk, found, *SignInMethod)
    return found


async def test_who_has_shown_the_password_keeps_it(desk: Desk, company: Company, evil: Company) -> None:
    await accepted(desk, company, await desk.join(evil, ANNA))
    assert (await desk.log_in(ANNA)).status_code == 200


async def test_who_has_set_the_password_by_mail_keeps_it(desk: Desk, company: Company, evil: Company) -> None:
    await desk.join(evil, ANNA)
    await reset(desk, ANNA, "a password of her own")
    await accepted(desk, company, await by_link(desk, ANNA))
    assert (await desk.log_in(ANNA, "a password of her own")).status_code == 200


async def test_who_has_proven_the_mailbox_keeps_it(desk: Desk, company: Company, evil: Company) -> None:
    await desk.sign_up("bob@company.com")
    desk.clock.advance(timedelta(minutes=1))
    await desk.verify((await desk.mails("bob@company.com"))[-1].token)
    joined = await desk.accept(
        desk.invite(evil, "bob@company.com").token, caller_of(await by_link(desk, "bob@company.com"))
    )
    assert joined.status_code == 200, joined.text
    assert (await desk.log_in("bob@company.com")).status_code == 200


async def test_where_the_tenant_refuses_nothing_has_happened(desk: Desk, company: Company, evil: Company) -> None:
    theirs = await desk.join(evil, ANNA)
    await allow(desk, company, SignInMethod.PASSWORD)
    answer = await desk.accept(desk.invite(company, ANNA).token, caller_of(await by_link(desk, ANNA)))
    assert problem(answer) == (403, "sign_in_method_not_allowed")
    assert (await desk.log_in(ANNA)).status_code == 200
    assert (await desk.post("/api/auth/refresh", {"refresh_token": theirs["refresh_token"]})).status_code == 200
