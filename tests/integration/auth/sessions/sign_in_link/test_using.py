"""`POST /api/auth/login/link/redeem`"""

import asyncio
from uuid import UUID

from prometheus_client import REGISTRY

from shared.ids import new_token
from tests.integration.auth.sessions.desk import (
    PUBLIC_URL,
    Desk,
    claims_of,
    done,
    link_token,
    problem,
)
from tests.integration.auth.sessions.sign_in_link.link import (
    EMAIL,
    FIREFOX,
    REDEEM,
    a_token,
    ask,
    links,
    redeem,
    signed_in,
)


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
