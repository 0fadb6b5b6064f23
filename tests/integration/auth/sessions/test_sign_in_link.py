"""`POST /api/auth/login/link`, `POST /api/auth/login/link/redeem`"""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY

from services.auth.domain.throttling import Attempt
from services.auth.sign_in.even_time import ANSWER_SECONDS
from shared.ids import new_token, token_hash
from tests.integration.auth.sessions.desk import (
    PASSWORD,
    PUBLIC_URL,
    Desk,
    Json,
    caller_of,
    claims_of,
    done,
    link_token,
    problem,
)

EMAIL = "ann@company.com"
ASK, REDEEM = "/api/auth/login/link", "/api/auth/login/link/redeem"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
OFTEN = Attempt.SIGN_IN_LINK.allowance.free


@pytest.fixture
async def ann(desk: Desk, company: UUID) -> UUID:
    await desk.allow(company, "email_link")
    return await desk.person(EMAIL, company)


async def ask(desk: Desk, email: Any = EMAIL, **more: Any) -> httpx.Response:
    return await desk.post(ASK, {"email": email} | more)


async def redeem(desk: Desk, token: Any, **more: Any) -> httpx.Response:
    return await desk.post(REDEEM, {"token": token} | more)


async def a_token(desk: Desk, **more: Any) -> str:
    """From the newest mail, which was just asked for."""
    assert (await ask(desk, **more)).status_code == 202
    mails = [mail for mail in await desk.mails() if mail["kind"] == "sign_in_link"]
    return link_token(mails[-1])


async def signed_in(desk: Desk) -> Json:
    return done(await redeem(desk, await a_token(desk)))


async def test_a_link_signs_its_owner_in(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2023-47107: it ignores what the request says of its host."""
    desk.http.headers.update({"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    answer = await ask(desk)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    [mail] = await desk.mails()
    assert (mail["to"], mail["subject"]) == (EMAIL, "Sign in to Company")
    assert f"{PUBLIC_URL}/login/link?token=" in mail["text"]
    assert "within 10 minutes" in mail["text"]
    assert "evil.example" not in mail["text"] + mail["html"]
    session = done(await redeem(desk, link_token(mail)))
    assert (session["user"]["id"], session["tenant"]["id"]) == (str(ann), str(company))
    done(await desk.refresh(session["refresh_token"]))


async def test_it_leads_to_the_tenant_that_was_asked_for(desk: Desk, ann: UUID, company: UUID) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other, role="hr")
    await desk.allow(other, "password", "email_link")
    await desk.allow(company, "password")
    session = done(await redeem(desk, await a_token(desk, tenant_id=str(other))))
    assert (claims_of(session)["tenant_id"], claims_of(session)["role"]) == (str(other), "hr")


async def test_where_home_lets_nobody_in_by_a_link_it_leads_to_where_they_were_last(
    desk: Desk, ann: UUID, company: UUID
) -> None:
    """Who has no session learns of no other tenant, and could name none."""
    used, unused, plain = await desk.tenant("used"), await desk.tenant("unused"), await desk.tenant("plain")
    for tenant in (unused, used, plain):
        await desk.join(ann, tenant)
        await desk.allow(tenant, "email_link")
    done(await redeem(desk, await a_token(desk, tenant_id=str(used))))
    await desk.allow(plain, "password")
    await desk.allow(company, "password")
    assert done(await redeem(desk, await a_token(desk)))["tenant"]["slug"] == "used"
    await desk.suspend(company)
    assert done(await redeem(desk, await a_token(desk)))["tenant"]["slug"] == "used"
    await ask(desk, tenant_id=str(plain))
    assert len(await links(desk)) == 3


async def test_a_browser_gets_the_refresh_token_as_a_cookie(desk: Desk, ann: UUID) -> None:
    token = await a_token(desk)
    foreign = await redeem(desk, token, cookie=True)
    assert problem(foreign) == (403, "foreign_origin")
    desk.http.headers["Origin"] = PUBLIC_URL
    answer = await redeem(desk, token, cookie=True)
    assert "refresh_token" not in done(answer)
    assert "HttpOnly" in answer.headers["set-cookie"]


async def test_whoever_asks_learns_nothing_and_only_whom_a_link_lets_in_gets_one(
    desk: Desk, ann: UUID, company: UUID
) -> None:
    """CVE-2024-41952"""
    closed, plain = await desk.tenant("closed", status="suspended"), await desk.tenant("plain")
    await desk.allow(closed, "email_link")
    await desk.person("unproven@company.com", company, verified=False, status="pending")
    await desk.person("waiting@company.com", company, status="pending")
    await desk.person("out@company.com", company, status="suspended")
    await desk.person("gone@closed.com", closed)
    await desk.person("bob@plain.com", plain)
    nobodys = [
        "nobody@company.com",
        "unproven@company.com",
        "waiting@company.com",
        "out@company.com",
        "gone@closed.com",
        "bob@plain.com",
    ]
    into_others = (ask(desk, EMAIL, tenant_id=str(tenant)) for tenant in (plain, closed))
    answers = await asyncio.gather(*(ask(desk, email) for email in (EMAIL, *nobodys)), *into_others)
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b'{"status":"accepted"}')}
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
    assert [mail["to"] for mail in await desk.mails()] == [EMAIL]


async def test_nobody_is_answered_before_the_time_that_all_take(desk: Desk, ann: UUID) -> None:
    """CVE-2024-41952"""

    async def seconds(email: str) -> float:
        started = time.perf_counter()
        await ask(desk, email)
        return time.perf_counter() - started

    spent = await asyncio.gather(*(seconds(email) for email in [EMAIL] * (OFTEN + 1) + ["nobody@company.com"]))
    assert min(spent) >= ANSWER_SECONDS


async def test_a_mailbox_is_not_flooded_and_a_flood_keeps_nobody_out(desk: Desk, ann: UUID) -> None:
    home = desk.headers() | {"User-Agent": FIREFOX, "X-Client-Address": "93.184.216.34"}
    token = await a_token(desk)
    done(await desk.http.post(REDEEM, json={"token": token}, headers=home))
    answers = await asyncio.gather(*(ask(desk) for _ in range(3 * OFTEN)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await links(desk)) == 1 + OFTEN
    # Its owner still gets one at home, and not without end.
    await asyncio.gather(*(desk.http.post(ASK, json={"email": EMAIL}, headers=home) for _ in range(OFTEN + 1)))
    assert len(await links(desk)) == 1 + 2 * OFTEN
    token = link_token((await links(desk))[-1])
    done(await desk.http.post(REDEEM, json={"token": token}, headers=home))
    # Who has the mailbox was there: it begins anew, for strangers and at home.
    await asyncio.gather(*(ask(desk) for _ in range(2 * OFTEN)))
    await asyncio.gather(*(desk.http.post(ASK, json={"email": EMAIL}, headers=home) for _ in range(2 * OFTEN)))
    assert len(await links(desk)) == 1 + 4 * OFTEN


async def links(desk: Desk) -> list[Json]:
    return [mail for mail in await desk.mails() if mail["kind"] == "sign_in_link"]


async def test_anything_but_one_address_is_refused_and_mails_nobody(desk: Desk, ann: UUID) -> None:
    """CVE-2023-7028"""
    misshapen: list[Any] = [[EMAIL], {"a": EMAIL}, None, 7, f"{EMAIL},eve@other.com", f"{EMAIL}\neve@other.com"]
    for email in misshapen:
        assert (await ask(desk, email)).status_code == 422, email
    assert not await desk.mails()


async def test_what_is_no_token_is_refused(desk: Desk) -> None:
    """CVE-2019-16109"""
    misshapen: list[Any] = ["", None, [], 0, {}, ["a"]]
    for token in misshapen:
        assert (await redeem(desk, token)).status_code == 422, token
    assert problem(await redeem(desk, new_token())) == (410, "invalid_token")


async def test_a_mail_scanner_does_not_use_the_link_up(desk: Desk, ann: UUID) -> None:
    """supabase#1214, FusionAuth#629"""
    token = await a_token(desk)
    assert (await desk.get(REDEEM, token=token)).status_code == 405
    assert (await desk.http.post(REDEEM, headers=desk.headers())).status_code in (400, 415, 422)
    assert (await desk.post(REDEEM, {})).status_code == 422
    done(await redeem(desk, token))


async def test_of_50_parallel_uses_of_a_link_one_signs_in(desk: Desk, ann: UUID) -> None:
    """better-auth#9993"""
    token = await a_token(desk)
    answers = await asyncio.gather(*(redeem(desk, token) for _ in range(50)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(410)) == (1, 49)
    assert len(await desk.rows("SELECT FROM sessions")) == 1
    assert problem(await redeem(desk, token)) == (410, "invalid_token")


async def test_a_link_dies_by_the_clock_alone(desk: Desk, ann: UUID) -> None:
    """CVE-2025-64708"""
    token = await a_token(desk)
    desk.clock.ahead = timedelta(minutes=10)
    assert problem(await redeem(desk, token)) == (410, "invalid_token")
    assert len(await desk.rows("SELECT FROM one_time_tokens")) == 1


async def test_what_is_newer_kills_a_link(desk: Desk, ann: UUID) -> None:
    """CVE-2023-3591: a link, a new password however it is set, and signing out everywhere."""
    older = await a_token(desk)
    session = done(await redeem(desk, await a_token(desk)))
    assert problem(await redeem(desk, older)) == (410, "invalid_token")

    token, changed = await a_token(desk), {"current_password": PASSWORD, "password": "quiet-harbour-93"}
    assert (await desk.post("/api/auth/password", changed, by=caller_of(session))).status_code == 204
    assert problem(await redeem(desk, token)) == (410, "invalid_token")

    token = await a_token(desk)
    assert (await desk.delete("/api/auth/sessions", by=caller_of(session))).status_code == 204
    assert problem(await redeem(desk, token)) == (410, "invalid_token")

    token = await a_token(desk)
    await desk.post("/api/auth/password/forgot", {"email": EMAIL})
    reset = {"token": link_token((await desk.mails())[-1]), "password": "quiet-harbour-94"}
    sent_after = await a_token(desk)
    assert (await desk.post("/api/auth/password/reset", reset)).status_code == 204
    for dead in (token, sent_after):
        assert problem(await redeem(desk, dead)) == (410, "invalid_token")


async def test_a_link_is_no_other_token_and_none_of_them_is_a_link(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2024-6087, CVE-2023-48220"""
    token = await a_token(desk)
    assert problem(await desk.post("/api/auth/verify-email", {"token": token})) == (410, "invalid_token")
    reset = {"token": token, "password": "quiet-harbour-93"}
    assert problem(await desk.post("/api/auth/password/reset", reset)) == (410, "invalid_token")
    assert problem(await desk.refresh(token)) == (401, "invalid_refresh_token")
    session, verification = done(await redeem(desk, token)), new_token()
    await desk.rows(
        "INSERT INTO one_time_tokens VALUES ($1, $2, $3, 'verify_email', 'h', 'Ann', now(), now() + interval '1 day')",
        *(token_hash(verification), company, ann),
    )
    await desk.post("/api/auth/password/forgot", {"email": EMAIL})
    resetting = link_token((await desk.mails())[-1])
    for other in (verification, resetting, session["refresh_token"], session["access_token"][:200]):
        assert problem(await redeem(desk, other)) == (410, "invalid_token")


CHANGES = {
    "membership_suspended": "UPDATE memberships SET status = 'suspended'",
    "approval_required": "UPDATE memberships SET status = 'pending'",
    "tenant_suspended": "UPDATE tenants SET status = 'suspended'",
    "sign_in_method_not_allowed": "UPDATE tenants SET settings = '{}'",
}
BACK = (
    "UPDATE memberships SET status = 'active'",
    """UPDATE tenants SET status = 'active', settings = '{"sign_in_methods": ["email_link"]}'""",
)


async def test_what_has_become_of_them_since_keeps_people_out_and_does_not_use_the_link_up(
    desk: Desk, ann: UUID
) -> None:
    """CVE-2024-47060, GHSA-2vg6-77g8-24mp"""
    token = await a_token(desk)
    for code, change in CHANGES.items():
        await desk.rows(change)
        assert problem(await redeem(desk, token)) == (403, code)
        for sql in BACK:
            await desk.rows(sql)
    done(await redeem(desk, token))


async def test_whoever_was_removed_meanwhile_gets_in_no_more(desk: Desk, ann: UUID) -> None:
    """CVE-2025-13324"""
    other = await desk.tenant("other")
    await desk.join(ann, other)
    await desk.allow(other, "email_link")
    token = await a_token(desk, tenant_id=str(other))
    await desk.rows("DELETE FROM memberships WHERE tenant_id = $1", other)
    assert problem(await redeem(desk, token)) == (403, "not_a_member")


async def test_the_owner_is_told_of_a_device_that_was_never_seen(desk: Desk, ann: UUID) -> None:
    await signed_in(desk)
    desk.http.headers["User-Agent"] = FIREFOX
    await signed_in(desk)
    assert [mail["kind"] for mail in await desk.mails()] == ["sign_in_link", "sign_in_link", "new_device"]


async def test_sign_ins_by_link_are_counted_by_what_became_of_them(desk: Desk, ann: UUID) -> None:
    def count(outcome: str) -> float:
        return REGISTRY.get_sample_value("sign_ins_total", {"method": "email_link", "outcome": outcome}) or 0

    accepted, refused = count("accepted"), count("invalid_token")
    await signed_in(desk)
    await redeem(desk, new_token())
    assert (count("accepted"), count("invalid_token")) == (accepted + 1, refused + 1)


async def test_a_dump_of_the_database_holds_no_link_that_works(desk: Desk, ann: UUID) -> None:
    """CVE-2017-18917"""
    token = await a_token(desk)
    rows = [
        *await desk.rows("SELECT t::text AS text FROM one_time_tokens AS t"),
        *await desk.rows("SELECT t::text AS text FROM mails AS t"),
        *await desk.rows("SELECT t::text AS text FROM outbox AS t"),
    ]
    assert rows
    assert all(token not in row["text"] and token.encode().hex() not in row["text"] for row in rows)
