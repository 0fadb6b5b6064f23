"""What strangers can learn about who has an account: nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from services.auth.domain.throttling import Attempt
from services.auth.sign_in.even_time import ANSWER_SECONDS
from tests.integration.auth.desk import Company, Desk, problem

VERIFIED, WAITING, UNKNOWN = "anna@company.com", "bo@company.com", "cy@company.com"
RESEND = "/api/auth/verify-email/resend"


@pytest.fixture
async def _people(desk: Desk, company: Company) -> None:
    await desk.join(company, VERIFIED)
    await desk.sign_up(WAITING)


@pytest.mark.usefixtures("_people")
class TestKnownAndUnknownAddresses:
    """CVE-2024-41952."""

    async def test_sign_up_answers_the_same(self, desk: Desk) -> None:
        answers = [await desk.sign_up(email) for email in (VERIFIED, WAITING, UNKNOWN)]

        assert {answer.status_code for answer in answers} == {202}
        assert len({_headers(answer) for answer in answers}) == 1
        assert {answer.json()["status"] for answer in answers} == {"verification_required"}

    async def test_resend_answers_the_same(self, desk: Desk) -> None:
        answers = [await desk.post(RESEND, {"email": email}) for email in (VERIFIED, WAITING, UNKNOWN)]

        assert {(answer.status_code, answer.text) for answer in answers} == {(202, '{"status":"accepted"}')}
        assert len({_headers(answer) for answer in answers}) == 1

    @pytest.mark.parametrize("ask", [Desk.sign_up, lambda desk, email: desk.post(RESEND, {"email": email})])
    async def test_none_is_told_before_the_time_that_all_take(
        self, desk: Desk, ask: Callable[[Desk, str], Awaitable[httpx.Response]]
    ) -> None:
        async def seconds(email: str) -> float:
            began = time.perf_counter()
            await ask(desk, email)
            return time.perf_counter() - began

        assert min([await seconds(email) for email in (VERIFIED, WAITING, UNKNOWN)]) >= ANSWER_SECONDS


async def test_fifty_sign_ups_of_one_address_make_one_account(desk: Desk, company: Company) -> None:
    """CVE-2024-1739, CVE-2024-30471."""
    spellings = ["Abc@company.com", "abc@company.com", "ABC@COMPANY.COM", "abc@Company.com", "aBc@company.com"] * 10

    answers = await asyncio.gather(*(desk.sign_up(email) for email in spellings))

    assert {answer.status_code for answer in answers} == {202}
    assert len(await desk.rows("SELECT * FROM users")) == 1
    assert len(await desk.memberships("abc@company.com")) == 1
    assert len(await desk.mails("abc@company.com")) == Attempt.SIGN_UP.allowance.free


class TestResend:
    async def test_the_new_link_opens_the_account_with_its_password(self, desk: Desk, company: Company) -> None:
        await desk.sign_up(WAITING)
        await desk.post(RESEND, {"email": WAITING})
        _, again = await desk.mails(WAITING)

        assert (await desk.verify(again.token)).status_code == 200
        assert (await desk.log_in(WAITING)).status_code == 200

    async def test_it_does_so_when_the_first_link_is_long_dead(self, desk: Desk, company: Company) -> None:
        await desk.sign_up(WAITING)
        desk.clock.advance(timedelta(days=30))
        await desk.rows("DELETE FROM one_time_tokens")
        await desk.post(RESEND, {"email": WAITING})

        assert (await desk.verify((await desk.mails(WAITING))[-1].token)).status_code == 200
        assert (await desk.log_in(WAITING)).status_code == 200

    async def test_after_several_sign_ups_the_link_installs_nobodys_password(
        self, desk: Desk, company: Company
    ) -> None:
        """CVE-2026-53516: whoever asks for the mail must not end up with what a stranger chose."""
        passwords = ("The-attackers-own-one", "The-owners-very-own")
        for password in passwords:
            await desk.sign_up(WAITING, password=password)
        await desk.post(RESEND, {"email": WAITING})
        mail = (await desk.mails(WAITING))[-1]

        assert "the link sets no password" in mail.text
        assert (await desk.verify(mail.token)).status_code == 200
        for password in passwords:
            assert problem(await desk.log_in(WAITING, password)) == (401, "invalid_credentials")

    async def test_a_proven_address_gets_no_mail(self, desk: Desk, company: Company) -> None:
        await desk.join(company, VERIFIED)

        await desk.post(RESEND, {"email": VERIFIED})

        assert await desk.mails(VERIFIED) == []

    async def test_a_mailbox_is_not_flooded(self, desk: Desk, company: Company) -> None:
        await desk.sign_up(WAITING)

        answers = [await desk.post(RESEND, {"email": WAITING}) for _ in range(8)]

        assert {answer.status_code for answer in answers} == {202}
        assert len(await desk.mails(WAITING)) == 1 + Attempt.RESEND_VERIFICATION.allowance.free


class TestEnrolmentPreview:
    @pytest.mark.parametrize("mode", ["automatic", "approval"])
    async def test_the_domain_says_where_it_leads(self, desk: Desk, mode: str) -> None:
        await desk.found("Company", "company.com", mode)

        answer = await desk.get("/api/enrolment", email="Whoever@Company.com")

        assert (answer.status_code, answer.json()) == (200, {"mode": mode, "tenant": {"name": "Company"}})

    async def test_where_it_leads_nowhere_nothing_is_said(self, desk: Desk) -> None:
        await desk.found("Manual", "manual.com", "manual")
        await desk.suspend(await desk.found("Suspended", "suspended.com"))

        for domain in ("manual.com", "suspended.com", "example.org"):
            answer = await desk.get("/api/enrolment", email=f"anna@{domain}")
            assert answer.json() == {"mode": "none", "tenant": None}

    @pytest.mark.usefixtures("_people")
    async def test_it_says_nothing_of_people_and_invitations(self, desk: Desk, company: Company) -> None:
        desk.invite(company, "invited@example.org")

        same = [(await desk.get("/api/enrolment", email=email)).json() for email in (VERIFIED, WAITING, UNKNOWN)]
        invited = await desk.get("/api/enrolment", email="invited@example.org")

        assert same == [same[0]] * 3
        assert invited.json()["mode"] == "none"

    async def test_what_is_no_address_is_refused(self, desk: Desk) -> None:
        assert problem(await desk.get("/api/enrolment", email="anna@corp.com@evil.com")) == (422, "invalid_email")
        assert problem(await desk.get("/api/enrolment")) == (422, "invalid_request")


@pytest.mark.parametrize(
    "email",
    [
        "a@corp.com@evil.com",
        '"a@corp.com"@evil.com',
        "a@evil.com,v@company.com",
        "a@evil.com;v@company.com",
        "v@company.com\nBcc: a@evil.com",
        "v\uff20company.com",
        "m\u0131ke@company.com",
        "anna@company.com.",
        "anna@.company.com",
    ],
)
async def test_what_could_be_read_as_two_addresses_is_none(desk: Desk, company: Company, email: str) -> None:
    """CVE-2026-40574, CVE-2022-35924, GHSA-7rqj, CVE-2019-19844, CVE-2024-27918."""
    for path, more in (("signup", {"password": "Twelve-green-bottles", "name": "A"}), ("verify-email/resend", {})):
        assert problem(await desk.post(f"/api/auth/{path}", {"email": email} | more)) == (422, "invalid_email")
    assert await desk.rows("SELECT * FROM mails") == []


@pytest.mark.parametrize("email", [["anna@company.com"], {"a": 1}, None, 7, ""])
async def test_an_address_is_a_text(desk: Desk, email: object) -> None:
    """CVE-2023-7028."""
    answer = await desk.post(RESEND, {"email": email})

    assert answer.status_code == 422


def _headers(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    different = {"x-request-id", "content-length"}  # the one is random, in the other the address echoes
    return tuple((name, value) for name, value in answer.headers.items() if name not in different)
