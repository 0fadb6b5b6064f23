"""Requests that do not fit are told so, and leave no trace."""

from typing import Any

from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk

ODD_EMAILS = [
    "",
    " ",
    "ann",
    "ann@",
    "@example.com",
    "a@corp.com@evil.com",  # CVE-2026-40574
    '"a@corp.com"@evil.com',
    "a@evil.com,v@corp.com",  # CVE-2022-35924
    "a@evil.com;v@corp.com",
    "ann@example.com\nbcc: v@corp.com",
    "ann@example.com\r\n",
    "ann\uff20example.com",  # next-auth GHSA-7rqj
    "ann\ufe6bexample.com",
    "m\u0131ke@example.com",  # CVE-2019-19844
    "=?utf-8?q?ann?=@example.com",
    "ann@[127.0.0.1]",
    "ann@localhost",
    "Ann <ann@example.com>",
    "ann@example.com.",
    f"{'a' * 65}@example.com",
    f"ann@{'a' * 250}.com",
]


async def test_an_odd_address_is_refused_and_nothing_is_written(desk: Desk, company: Company) -> None:
    before = await desk.everything()
    for email in ODD_EMAILS:
        answer = await desk.post("/api/invitations", company.admin, email=email)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_email"), email
        assert [error["field"] for error in answer.json()["errors"]] == ["email"], email
    assert await desk.everything() == before


ODD_BODIES: list[dict[str, Any]] = [
    {},
    {"email": None},
    {"email": ["ann@example.com"]},  # CVE-2023-7028
    {"email": {"a": "ann@example.com"}},
    {"email": 1},
    {"email": "ann@example.com", "role": "root"},
    {"email": "ann@example.com", "role": None},
    {"email": "ann@example.com", "tenant_id": "x"},  # CVE-2024-0404
    {"email": "ann@example.com", "email_verified": True},
    {"email": "ann@example.com", "token": "mine"},
    {"email": "ann@example.com", "expires_at": "2099-01-01T00:00:00Z"},
    {"email": "ann@example.com", "expires_in_days": 0},
    {"email": "ann@example.com", "expires_in_days": 91},
    {"email": "ann@example.com", "expires_in_days": -1},
    {"email": "ann@example.com", "expires_in_days": 1.5},
    {"email": "ann@example.com", "expires_in_days": "7"},
    {"email": "ann@example.com", "expires_in_days": True},
    {"email": "ann@example.com", "message": "x" * 1001},
    {"email": "ann@example.com", "message": 7},
    {"email": "ann@example.com", "message": "bell \x07"},
    {"email": "ann@example.com", "message": "nul \x00"},
    {"email": "ann@example.com", "message": "\u202eturned around"},
]


async def test_a_member_that_does_not_fit_or_is_not_known_is_refused(desk: Desk, company: Company) -> None:
    before = await desk.everything()
    for body in ODD_BODIES:
        answer = await desk.ask(company.owner, "POST", "/api/invitations", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), body
    assert await desk.everything() == before


async def test_generate_wants_a_tenant(desk: Desk, company: Company) -> None:
    odd: list[object] = [None, "", "x", 1, []]
    for tenant_id in odd:
        body = {"email": "ann@example.com", "tenant_id": tenant_id}
        answer = await desk.post("/api/auth/invitations/generate", company.owner, **body)
        assert answer.status_code == 422, tenant_id


async def test_what_just_fits_fits(desk: Desk, company: Company) -> None:
    longest = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com"
    made = await desk.invite(company.admin, longest, message="\U0001f44b" * 1000, expires_in_days=90)
    await desk.post_mails()

    assert made["email"] == longest
    assert len(await desk.mails_to(longest)) == 1


async def test_a_message_of_spaces_is_no_message(desk: Desk, company: Company) -> None:
    await desk.invite(company.admin, message=" \n ")
    await desk.post_mails()

    [mail] = await desk.mails_to("ann@example.com")
    assert "A word from" not in mail.text


UNREADABLE = [
    (b"{", "application/json", 400),
    (b"\xff", "application/json", 400),
    (b"[]", "application/json", 422),
    (b"null", "application/json", 422),
    (b'{"email": "ann@example.com"}', "text/plain", 415),
    (b"email=ann@example.com", "application/x-www-form-urlencoded", 415),
    (b'{"email": "' + b"a" * 1_000_000 + b'"}', "application/json", 413),  # CVE-2024-28053
]


async def test_a_body_that_cannot_be_read_is_told_so(desk: Desk, company: Company) -> None:
    for content, media_type, status in UNREADABLE:
        headers = desk.headers(company.admin) | {"content-type": media_type}
        answer = await desk.http.post("/api/invitations", content=content, headers=headers)
        assert answer.status_code == status, content[:40]
    assert await desk.rows("SELECT FROM invitations") == []


async def test_a_wrong_method_is_told_the_right_ones(desk: Desk, company: Company) -> None:
    answer = await desk.ask(company.admin, "DELETE", "/api/invitations")

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}
