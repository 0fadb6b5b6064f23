"""What a tenant settles for itself, and auth obeys."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.contracts.tenants import TenantResumed, TenantUpdated
from tests.integration.auth.desk import PASSWORD, Company, Desk, caller_of, claims_of, problem

ANNA = "anna@company.com"


async def settle(desk: Desk, company: Company, **settings: Any) -> None:
    event = TenantUpdated(
        tenant_id=company.id,
        name=company.name,
        slug=company.slug,
        status=TenantStatus.ACTIVE,
        settings=TenantSettings(**settings),
    )
    await desk.hear(event, company.id)


class TestSelfSignUpOff:
    """CVE-2024-49757: every way in by domain refuses, as if the domain led nowhere."""

    async def test_nobody_signs_up_by_domain(self, desk: Desk, company: Company) -> None:
        await settle(desk, company, self_sign_up=False)
        assert problem(await desk.sign_up(ANNA)) == (422, "tenant_undetermined")
        assert (await desk.get("/api/enrolment", email=ANNA)).json() == {"mode": "none", "tenant": None}
        assert await desk.rows("SELECT FROM users") == []

    @pytest.mark.parametrize("mode", ["automatic", "approval"])
    async def test_a_sign_up_that_was_begun_before_goes_no_further(self, desk: Desk, mode: str) -> None:
        company = await desk.found("Company", "company.com", mode)
        await desk.sign_up(ANNA)
        (mail,) = await desk.mails(ANNA)
        await settle(desk, company, self_sign_up=False)
        assert problem(await desk.verify(mail.token)) == (422, "tenant_undetermined")
        assert await desk.told("membership.created") == []

    async def test_an_invitation_still_lets_people_in(self, desk: Desk, company: Company) -> None:
        await settle(desk, company, self_sign_up=False)
        assert claims_of(await desk.join(company, ANNA))["tenant_id"] == str(company.id)

    async def test_switching_it_on_again_opens_the_domain(self, desk: Desk, company: Company) -> None:
        await settle(desk, company, self_sign_up=False)
        await settle(desk, company)
        assert (await desk.sign_up(ANNA)).status_code == 202


async def test_the_default_role_is_what_a_domain_makes_of_people(desk: Desk, company: Company) -> None:
    await settle(desk, company, default_role="hr")
    await desk.sign_up(ANNA)
    (mail,) = await desk.mails(ANNA)
    assert claims_of((await desk.verify(mail.token)).json())["role"] == "hr"
    assert claims_of(await desk.join(company, "bob@company.com"))["role"] == "member"


async def test_sessions_last_as_long_as_the_shorter_of_both_allows(desk: Desk, company: Company) -> None:
    async def ends(email: str) -> tuple[timedelta, timedelta]:
        session = await desk.join(company, email)
        sql = """
            SELECT s.expires_at, t.expires_at FROM sessions AS s JOIN refresh_tokens AS t ON t.session_id = s.id
             WHERE s.id = $1::text::uuid
        """
        ((absolute, idle),) = await desk.rows(sql, claims_of(session)["sid"])
        return absolute - desk.clock(), idle - desk.clock()

    await settle(desk, company, session_days=7, session_idle_days=2)
    assert await ends("a@company.com") == (timedelta(days=7), timedelta(days=2))
    await settle(desk, company, session_days=3650, session_idle_days=3650)
    assert await ends("b@company.com") == (timedelta(days=30), timedelta(days=14))


async def test_a_session_that_is_there_obeys_at_its_next_refresh(desk: Desk, company: Company) -> None:
    session = await desk.join(company, ANNA)
    desk.clock.advance(timedelta(days=2))
    await settle(desk, company, session_days=3)
    refreshed = await desk.post("/api/auth/refresh", {"refresh_token": session["refresh_token"]})
    desk.clock.advance(timedelta(days=1))
    late = await desk.post("/api/auth/refresh", {"refresh_token": refreshed.json()["refresh_token"]})
    assert problem(late) == (401, "invalid_refresh_token")


async def test_strangers_read_the_display_name(desk: Desk, company: Company) -> None:
    await settle(desk, company, display_name="The Friendly Company")
    shown = (await desk.get("/api/enrolment", email=ANNA)).json()
    assert shown["tenant"] == {"name": "The Friendly Company"}
    await desk.sign_up(ANNA)
    (mail,) = await desk.mails(ANNA)
    assert "The Friendly Company" in mail.text
    assert (await desk.verify(mail.token)).json()["tenant"]["name"] == "Company"


async def test_what_the_tenant_is_called_makes_no_password_there(desk: Desk, company: Company) -> None:
    await settle(desk, company, display_name="Friendly")
    invited = desk.invite(company, ANNA).token
    for weak in ("friendly-12", "company-12"):
        assert problem(await desk.sign_up("bob@company.com", password=weak)) == (422, "weak_password")
        assert problem(await desk.sign_up(ANNA, invited, password=weak)) == (422, "weak_password")
    assert (await desk.sign_up(ANNA, invited)).status_code == 201
    await desk.post("/api/auth/password/forgot", {"email": ANNA})
    token = (await desk.mails(ANNA))[-1].token
    reset = await desk.post("/api/auth/password/reset", {"token": token, "password": "friendly-12"})
    assert problem(reset) == (422, "weak_password")


async def test_mails_about_an_account_name_its_home_as_it_wants_to_be_shown(desk: Desk, company: Company) -> None:
    await settle(desk, company, display_name="The Friendly Company")
    other = await desk.found("Other", "other.com")
    session = await desk.join(company, ANNA)
    joined = await desk.accept(desk.invite(other, ANNA).token, caller_of(session))
    await desk.sign_up(ANNA)
    change = {"current_password": PASSWORD, "password": "quiet-harbour-93"}
    await desk.post("/api/auth/password", change, by=caller_of(joined.json()))
    await desk.post("/api/auth/password/forgot", {"email": ANNA})
    token = (await desk.mails(ANNA))[-1].token
    await desk.post("/api/auth/password/reset", {"token": token, "password": "quiet-harbour-94"})

    about = ["account_exists", "password_changed", "password_reset", "password_changed"]
    mails = [mail for mail in await desk.mails(ANNA) if mail.kind in about]
    assert [mail.kind for mail in mails] == about
    assert all("The Friendly Company" in mail.subject and "The Friendly Company" in mail.text for mail in mails)


async def test_an_older_publisher_that_tells_no_settings_changes_none(desk: Desk, company: Company) -> None:
    await settle(desk, company, self_sign_up=False)
    told = {"tenant_id": company.id, "name": "New", "slug": "new", "status": "active"}
    await desk.hear(TenantResumed.model_validate(told), company.id, without="settings")
    assert problem(await desk.sign_up(ANNA)) == (422, "tenant_undetermined")
    assert [row["name"] for row in await desk.rows("SELECT name FROM tenants WHERE id = $1", company.id)] == ["New"]
