"""Signing up with a work address."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from services.auth.domain.throttling import Attempt
from tests.integration.auth.desk import PASSWORD, Company, Desk, caller_of, claims_of, problem

ANNA = "anna@company.com"


async def test_the_domain_decides_and_a_mail_asks_for_proof(desk: Desk, company: Company) -> None:
    answer = await desk.sign_up(ANNA)

    assert (answer.status_code, answer.json()) == (202, {"status": "verification_required", "email": ANNA})
    (membership,) = await desk.memberships(ANNA)
    assert membership["tenant_id"] == company.id
    assert (membership["role"], membership["status"], membership["email_verified"]) == ("member", "pending", False)
    (mail,) = await desk.mails(ANNA)
    assert (mail.kind, mail.to) == ("verification", ANNA)
    assert "https://id.example.com/verify-email?token=" in mail.text


async def test_an_unproven_sign_up_is_no_membership_to_anybody_else(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA)

    (registered,) = await desk.told()
    assert (registered["email"], registered["email_verified"]) == (ANNA, False)
    assert await desk.told("membership") == []


async def test_the_link_opens_the_account(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA)
    (mail,) = await desk.mails(ANNA)

    answer = await desk.verify(mail.token)

    assert answer.status_code == 200, answer.text
    session = answer.json()
    assert session["token_type"] == "Bearer"
    assert session["tenant"] == {"id": str(company.id), "slug": "company", "name": "Company"}
    user = session["user"]
    assert (user["email"], user["role"], user["status"], user["email_verified"]) == (ANNA, "member", "active", True)
    (created,) = await desk.told("membership.created")
    assert (created["joined_via"], created["status"], created["invitation_id"]) == ("domain", "active", None)
    assert (await desk.log_in(ANNA)).status_code == 200


async def test_an_approval_domain_leaves_the_last_word_to_an_admin(desk: Desk) -> None:
    await desk.found("Careful", "careful.com", "approval")
    await desk.sign_up("bo@careful.com")
    (mail,) = await desk.mails("bo@careful.com")

    answer = await desk.verify(mail.token)

    assert (answer.status_code, answer.json()) == (202, {"status": "approval_required"})
    (membership,) = await desk.memberships("bo@careful.com")
    assert (membership["status"], membership["email_verified"]) == ("pending", True)
    assert problem(await desk.log_in("bo@careful.com")) == (403, "approval_required")
    assert await desk.rows("SELECT * FROM sessions") == []


async def test_without_a_claim_the_tenant_cannot_be_determined(desk: Desk, company: Company) -> None:
    answer = await desk.sign_up("anna@example.org")

    assert problem(answer) == (422, "tenant_undetermined")
    assert answer.json()["title"] == "Cannot determine tenant"
    assert await desk.rows("SELECT * FROM users") == []


async def test_a_manual_domain_lets_nobody_in_by_itself(desk: Desk) -> None:
    await desk.found("Manual", "manual.com", "manual")

    assert problem(await desk.sign_up("anna@manual.com")) == (422, "tenant_undetermined")


async def test_where_people_may_not_sign_up_by_themselves_every_way_in_refuses(desk: Desk, company: Company) -> None:
    """CVE-2024-49757: also those that were under way when it was switched off."""
    await desk.sign_up(ANNA)
    (mail,) = await desk.mails(ANNA)
    await desk.claim(company, "company.com", "manual")

    assert (await desk.get("/api/enrolment", email=ANNA)).json()["mode"] == "none"
    for email in (ANNA, "bo@company.com"):
        assert problem(await desk.sign_up(email)) == (422, "tenant_undetermined")
    await desk.post("/api/auth/verify-email/resend", {"email": ANNA})
    for link in (mail, (await desk.mails(ANNA))[-1]):
        assert problem(await desk.verify(link.token)) == (422, "tenant_undetermined")
    assert problem(await desk.log_in(ANNA)) == (403, "email_unverified")
    assert await desk.told("membership") == []


async def test_a_matching_domain_alone_is_no_membership(desk: Desk, company: Company) -> None:
    """keycloak#37169: a token says what the memberships say, and nothing that an address could be taken for."""
    rival = await desk.found("Rival")
    await desk.join(rival, ANNA)

    session = (await desk.log_in(ANNA)).json()
    me = (await desk.get("/api/auth/me", caller_of(session))).json()
    there = await desk.post("/api/auth/login", {"email": ANNA, "password": PASSWORD, "tenant_id": str(company.id)})

    assert claims_of(session)["tenant_id"] == str(rival.id)
    assert [each["tenant"]["id"] for each in me["memberships"]] == [str(rival.id)]
    assert problem(there) == (403, "not_a_member")


async def test_subdomains_belong_to_the_claim_only_where_it_says_so(desk: Desk, company: Company) -> None:
    assert problem(await desk.sign_up("anna@eu.company.com")) == (422, "tenant_undetermined")

    await desk.claim(company, "company.com", "automatic", subdomains=True)

    assert (await desk.sign_up("anna@eu.company.com")).status_code == 202
    assert problem(await desk.sign_up("anna@evilcompany.com")) == (422, "tenant_undetermined")


async def test_a_suspended_tenant_takes_nobody(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA)
    (mail,) = await desk.mails(ANNA)
    await desk.suspend(company)

    for address in ("bo@company.com", ANNA):  # with or without an account
        assert problem(await desk.sign_up(address)) == (403, "tenant_suspended")
    assert problem(await desk.verify(mail.token)) == (403, "tenant_suspended")

    await desk.resume(company)
    assert (await desk.verify(mail.token)).status_code == 200


async def test_the_address_is_one_in_whatever_case_it_is_written(desk: Desk, company: Company) -> None:
    await desk.sign_up("Anna@Company.COM")
    await desk.sign_up(ANNA)

    assert len(await desk.rows("SELECT * FROM users")) == 1


async def test_who_signs_up_twice_with_one_password_is_told_what_is_missing(desk: Desk, company: Company) -> None:
    """As whoever presses the button twice; of several passwords none is known before the address is proven."""
    await asyncio.gather(desk.sign_up(ANNA), desk.sign_up(ANNA))
    assert problem(await desk.log_in(ANNA)) == (403, "email_unverified")

    await desk.sign_up(ANNA, password="An-entirely-other-one")
    assert problem(await desk.log_in(ANNA)) == (401, "invalid_credentials")
    assert problem(await desk.log_in(ANNA, "An-entirely-other-one")) == (401, "invalid_credentials")


async def test_a_weak_password_is_refused_before_anything_is_asked(desk: Desk, company: Company) -> None:
    answer = await desk.sign_up(ANNA, password="password")
    assert problem(answer) == (422, "weak_password")
    assert answer.json()["errors"] == [{"field": "password", "message": answer.json()["detail"]}]
    assert await desk.rows("SELECT * FROM users") == []


async def test_the_password_of_the_owners_plan_will_do(desk: Desk, company: Company) -> None:
    answer = await desk.sign_up("testuser@company.com", password="TestPass123!", name="Test User")

    assert answer.status_code == 202


@pytest.mark.parametrize("name", ["", "   ", "A\nB", "A\u202eB", "\u200b \ufeff", "x" * 201, None, ["Anna"], 7])
async def test_a_name_is_one_line_of_text(desk: Desk, company: Company, name: object) -> None:
    assert problem(await desk.sign_up(ANNA, name=name)) == (422, "invalid_request")


async def test_a_name_may_be_in_any_script(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA, name="  Åsa Ødegård 山田 ")

    assert (await desk.user(ANNA))["name"] == "Åsa Ødegård 山田"


async def test_a_mailbox_is_not_flooded(desk: Desk, company: Company) -> None:
    answers = [await desk.sign_up(ANNA) for _ in range(8)]

    assert {answer.status_code for answer in answers} == {202}
    assert len(await desk.mails(ANNA)) == Attempt.SIGN_UP.allowance.free


async def test_the_owner_of_an_account_gets_a_mail_and_nothing_changes(desk: Desk, company: Company) -> None:
    await desk.join(company, ANNA)
    before = await desk.user(ANNA)

    answer = await desk.sign_up(ANNA, password="An-entirely-other-one", name="Mallory")

    assert (answer.status_code, answer.json()) == (202, {"status": "verification_required", "email": ANNA})
    assert await desk.user(ANNA) == before
    (mail,) = await desk.mails(ANNA)
    assert mail.kind == "account_exists"
    assert "Mallory" not in mail.text
    assert (await desk.log_in(ANNA, PASSWORD)).status_code == 200


async def test_sign_ups_are_counted_by_path_and_outcome(desk: Desk, company: Company) -> None:
    def counted(path: str, outcome: str) -> float:
        return REGISTRY.get_sample_value("sign_ups_total", {"path": path, "outcome": outcome}) or 0.0

    before = counted("domain", "accepted"), counted("domain", "tenant_undetermined")

    await desk.sign_up(ANNA)
    await desk.sign_up("anna@example.org")

    after = counted("domain", "accepted"), counted("domain", "tenant_undetermined")
    assert after == (before[0] + 1, before[1] + 1)
