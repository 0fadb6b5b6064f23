"""Proving an address with the link from a mail."""

import asyncio
from datetime import timedelta

import pytest

from services.auth.domain.one_time_tokens import LIFETIME, Purpose
from shared.contracts.tenancy import Role
from tests.integration.auth.desk import Company, Desk, claims_of, problem

ANNA = "anna@company.com"
FIRST, SECOND = "The-password-of-one", "The-password-of-two"


async def test_a_link_is_good_once(desk: Desk, company: Company) -> None:
    token = await _token(desk)

    answers = [await desk.verify(token), await desk.verify(token)]

    assert answers[0].status_code == 200
    assert problem(answers[1]) == (410, "invalid_token")


async def test_of_many_who_open_it_at_once_one_gets_in(desk: Desk, company: Company) -> None:
    token = await _token(desk)

    answers = await asyncio.gather(*(desk.verify(token) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] + [410] * 19
    assert len(await desk.told("membership.created")) == 1
    assert len(await desk.rows("SELECT * FROM sessions")) == 1


async def test_a_link_dies_of_age(desk: Desk, company: Company) -> None:
    token = await _token(desk)
    desk.clock.advance(LIFETIME[Purpose.VERIFY_EMAIL])

    assert problem(await desk.verify(token)) == (410, "invalid_token")


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, {"token": []}, {"token": 0}])
async def test_what_is_no_token_is_refused(desk: Desk, body: object) -> None:
    """CVE-2019-16109."""
    assert problem(await desk.post("/api/auth/verify-email", body)) == (422, "invalid_request")


async def test_the_credentials_are_those_of_the_sign_up_whose_link_was_opened(desk: Desk, company: Company) -> None:
    """CVE-2026-53516: whoever signed up with the address before is out."""
    await desk.sign_up(ANNA, password=FIRST, name="Mallory")
    await desk.sign_up(ANNA, password=SECOND, name="Anna")
    mallorys, annas = await desk.mails(ANNA)

    session = (await desk.verify(annas.token)).json()

    assert session["user"]["name"] == "Anna"
    assert (await desk.log_in(ANNA, SECOND)).status_code == 200
    assert problem(await desk.log_in(ANNA, FIRST)) == (401, "invalid_credentials")
    assert problem(await desk.verify(mallorys.token)) == (410, "invalid_token")


async def test_an_earlier_link_stays_good_until_one_is_used(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA, password=FIRST)
    await desk.sign_up(ANNA, password=SECOND)
    earlier, _ = await desk.mails(ANNA)

    assert (await desk.verify(earlier.token)).status_code == 200
    assert (await desk.log_in(ANNA, FIRST)).status_code == 200


async def test_a_domain_that_changed_hands_leads_to_its_new_tenant(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA, password=FIRST)
    await desk.claim(company, "company.com", "manual")
    heir = await desk.found("Heir", "company.com")
    await desk.sign_up(ANNA, password=SECOND)
    mail = (await desk.mails(ANNA))[-1]

    session = (await desk.verify(mail.token)).json()

    assert "Heir" in mail.text
    assert session["tenant"]["id"] == str(heir.id)
    assert [each["tenant_id"] for each in await desk.memberships(ANNA)] == [heir.id]


async def test_an_unproven_account_opens_nothing(desk: Desk, company: Company) -> None:
    await desk.sign_up(ANNA)

    assert problem(await desk.log_in(ANNA)) == (403, "email_unverified")


async def test_a_waiting_invitation_wins_over_the_domain(desk: Desk, company: Company) -> None:
    """PostHog#23930: one membership, the invitation's role, the invitation used."""
    token, invited = await _token(desk), desk.invite(company, ANNA, Role.ADMIN)

    session = (await desk.verify(token)).json()

    assert session["user"]["role"] == "admin"
    (membership,) = await desk.memberships(ANNA)
    assert (membership["joined_via"], membership["invitation_id"]) == ("invitation", invited.id)
    (created,) = await desk.told("membership.created")
    assert (created["role"], created["invitation_id"]) == ("admin", str(invited.id))
    # Nobody has ever had, or been told of, the role of the sign-up.
    assert await desk.told("membership.role_changed") == []


async def test_a_waiting_invitation_leads_into_its_own_tenant(desk: Desk, company: Company) -> None:
    rival = await desk.found("Rival")
    token = await _token(desk)
    desk.invite(rival, ANNA, Role.HR)

    session = (await desk.verify(token)).json()

    assert (session["tenant"]["id"], claims_of(session)["role"]) == (str(rival.id), "hr")
    assert [each["tenant_id"] for each in await desk.memberships(ANNA)] == [rival.id]
    assert (await desk.user(ANNA))["tenant_id"] == rival.id


async def test_an_invitation_stands_for_the_approval(desk: Desk) -> None:
    careful = await desk.found("Careful", "careful.com", "approval")
    token = await _token(desk, "bo@careful.com")
    desk.invite(careful, "bo@careful.com")

    assert (await desk.verify(token)).status_code == 200


async def test_a_domain_that_was_closed_meanwhile_lets_nobody_in(desk: Desk, company: Company) -> None:
    token = await _token(desk)
    await desk.claim(company, "company.com", "manual")

    assert problem(await desk.verify(token)) == (422, "tenant_undetermined")

    await desk.claim(company, "company.com", "automatic")
    assert (await desk.verify(token)).status_code == 200


async def test_while_invitations_is_down_nothing_is_decided_and_the_link_stays_good(
    desk: Desk, company: Company
) -> None:
    token = await _token(desk)
    desk.invitations.is_down = True
    assert problem(await desk.verify(token)) == (503, "service_unavailable")

    desk.invitations.is_down = False
    assert (await desk.verify(token)).status_code == 200


async def test_proof_and_proof_alone_is_told(desk: Desk, company: Company) -> None:
    token = await _token(desk)
    assert await desk.told("email_verified") == []

    await desk.verify(token)

    (proven,) = await desk.told("email_verified")
    assert proven["email"] == ANNA


async def test_links_do_not_depend_on_what_the_request_says_of_the_host(desk: Desk, company: Company) -> None:
    """CVE-2024-25625, CVE-2023-47107."""
    desk.http.headers.update({"host": "evil.com", "x-forwarded-host": "evil.com", "forwarded": "host=evil.com"})

    await desk.sign_up(ANNA)

    (mail,) = await desk.mails(ANNA)
    assert "https://id.example.com/verify-email?token=" in mail.text
    assert "evil.com" not in mail.text


async def test_a_dump_of_the_database_holds_no_link_that_works(desk: Desk, company: Company) -> None:
    """CVE-2017-18917."""
    token = await _token(desk)

    for table in ("one_time_tokens", "mails", "outbox", "users"):
        rows = await desk.rows(f"SELECT * FROM {table}")  # noqa: S608 - a table of ours
        assert rows
        assert all(token.encode() not in _bytes(value) for row in rows for value in row.values())


async def test_the_time_of_the_proof_is_kept(desk: Desk, company: Company) -> None:
    token = await _token(desk)
    desk.clock.advance(timedelta(hours=1))

    await desk.verify(token)

    assert (await desk.user(ANNA))["email_verified_at"] == desk.clock()


async def _token(desk: Desk, email: str = ANNA) -> str:
    """What the mail of a new sign-up holds."""
    await desk.sign_up(email)
    (mail,) = await desk.mails(email)
    return mail.token


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
