"""Which methods a tenant lets people in by, where they come to join it."""

from datetime import timedelta

import httpx
import pytest

from services.auth.domain.enrolment import ASKED_AGAIN_WITHIN
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import SignInMethod, TenantSettings
from shared.contracts.tenants import TenantUpdated
from tests.integration.auth.desk import PASSWORD, Company, Desk, Json, caller_of, problem

ANNA = "anna@example.com"
NOT_ALLOWED = (403, "sign_in_method_not_allowed")


async def allow(desk: Desk, company: Company, *methods: SignInMethod) -> None:
    settings = TenantSettings(sign_in_methods=methods)
    event = TenantUpdated(
        tenant_id=company.id, name=company.name, slug=company.slug, status=TenantStatus.ACTIVE, settings=settings
    )
    await desk.hear(event, company.id)


@pytest.fixture
async def links(desk: Desk) -> Company:
    """A tenant that takes links only."""
    links = await desk.found("Links", "links.com")
    await allow(desk, links, SignInMethod.EMAIL_LINK)
    return links


async def log_in_with(desk: Desk, token: str) -> httpx.Response:
    body = {"email": ANNA, "password": PASSWORD, "invitation_token": token}
    return await desk.post("/api/auth/login", body)


async def switch(desk: Desk, session: Json, company: Company) -> httpx.Response:
    return await desk.post("/api/auth/switch-tenant", {"tenant_id": str(company.id)}, caller_of(session))


async def by_link(desk: Desk, email: str) -> Json:
    await desk.post("/api/auth/login/link", {"email": email})
    token = {"token": (await desk.mails(email))[-1].token}
    answer = await desk.post("/api/auth/login/link/redeem", token)
    assert answer.status_code == 200, answer.text
    session: Json = answer.json()
    return session


async def test_whoever_signs_up_gets_in_whatever_the_tenant_takes_from_then_on(
    desk: Desk, company: Company, links: Company
) -> None:
    await desk.join(links, ANNA)
    await desk.join(company, "carl@example.com")
    assert problem(await desk.log_in(ANNA)) == NOT_ALLOWED
    assert (await by_link(desk, ANNA))["tenant"]["id"] == str(links.id)


async def test_who_has_opened_the_mail_that_proves_the_address_is_taken_everywhere(
    desk: Desk, company: Company, links: Company
) -> None:
    """A password was chosen and the mailbox proven."""
    await desk.sign_up("bob@links.com")
    verified = await desk.verify((await desk.mails("bob@links.com"))[-1].token)
    assert verified.status_code == 200, verified.text
    joined = await desk.accept(desk.invite(company, "bob@links.com").token, caller_of(verified.json()))
    assert joined.status_code == 200, joined.text
    assert (await switch(desk, joined.json(), links)).status_code == 200


async def test_an_invitation_is_no_way_into_the_other_tenants_of_whoever_it_is_for(
    desk: Desk, company: Company, links: Company
) -> None:
    """Its link is shown to whoever makes it: with that and a stolen password, one need not have seen the mailbox."""
    await desk.join(company, ANNA)
    await desk.accept(desk.invite(links, ANNA).token, caller_of((await desk.log_in(ANNA)).json()))
    evil = await desk.found("Evil")
    await allow(desk, evil, *SignInMethod)

    accepted = await desk.accept(desk.invite(evil, ANNA).token, caller_of((await desk.log_in(ANNA)).json()))
    brought = await log_in_with(desk, desk.invite(evil, ANNA).token)
    for session in (accepted.json(), brought.json()):
        assert session["tenant"]["id"] == str(evil.id)
        assert problem(await switch(desk, session, links)) == NOT_ALLOWED


async def test_an_invitation_that_was_mailed_counts_as_a_link_while_it_lets_somebody_in(
    desk: Desk, company: Company, links: Company
) -> None:
    """For those whose answer was lost also once more; afterwards its link may be years old."""
    await desk.join(company, ANNA)
    session = (await desk.log_in(ANNA)).json()
    assert problem(await switch(desk, session, links)) == (403, "not_a_member")
    token = desk.invite(links, ANNA).token

    joined = [await desk.accept(token, caller_of(session)) for _ in range(2)]
    assert [answer.status_code for answer in joined] == [200, 200], [answer.text for answer in joined]

    desk.clock.advance(ASKED_AGAIN_WITHIN)
    for began in (session, joined[0].json()):
        assert problem(await desk.accept(token, caller_of(began))) == NOT_ALLOWED
        assert problem(await switch(desk, began, links)) == NOT_ALLOWED
    assert problem(await log_in_with(desk, token)) == NOT_ALLOWED
    assert (await switch(desk, joined[0].json(), company)).status_code == 200


async def test_accepting_is_no_way_to_stay_for_longer(desk: Desk, company: Company, links: Company) -> None:
    session = await desk.join(company, ANNA)
    desk.clock.advance(timedelta(days=13))
    joined = await desk.accept(desk.invite(links, ANNA).token, caller_of(session))
    assert joined.status_code == 200, joined.text
    assert len(await desk.rows("SELECT DISTINCT expires_at FROM sessions")) == 1


async def test_who_has_signed_in_too_long_ago_for_the_tenant_signs_in_to_accept(
    desk: Desk, company: Company, links: Company
) -> None:
    """Who is refused has joined nothing, and the invitation is as good as before."""
    await desk.join(company, ANNA)
    session, token = (await desk.log_in(ANNA)).json(), desk.invite(links, ANNA).token
    await desk.rows("UPDATE tenants SET settings = jsonb_build_object('session_days', 1) WHERE id = $1", links.id)
    desk.clock.advance(timedelta(days=1))
    assert problem(await desk.accept(token, caller_of(session))) == (403, "sign_in_too_long_ago")
    assert desk.invitations.asked[-1] == "auth previews a token"
    assert [each["tenant_id"] for each in await desk.memberships(ANNA)] == [company.id]
    assert (await log_in_with(desk, token)).status_code == 200


async def test_so_it_does_beside_a_password_where_no_session_can_be_had(
    desk: Desk, company: Company, links: Company
) -> None:
    await desk.join(company, ANNA)
    await desk.rows("UPDATE memberships SET status = 'suspended' WHERE tenant_id = $1", company.id)
    token = desk.invite(links, ANNA).token
    assert (await log_in_with(desk, token)).status_code == 200
    desk.clock.advance(ASKED_AGAIN_WITHIN)
    assert problem(await log_in_with(desk, token)) == NOT_ALLOWED


async def test_a_tenant_that_takes_passwords_only_wants_one_with_the_invitation(
    desk: Desk, company: Company, links: Company
) -> None:
    """Who is refused has joined nothing, and the invitation is as good as before."""
    await desk.join(links, ANNA)
    session, token = await by_link(desk, ANNA), desk.invite(company, ANNA).token
    assert problem(await desk.accept(token, caller_of(session))) == NOT_ALLOWED
    assert desk.invitations.asked[-1] == "auth previews a token"
    assert [each["tenant_id"] for each in await desk.memberships(ANNA)] == [links.id]
    assert (await log_in_with(desk, token)).status_code == 200
