"""`POST /api/auth/login/link`"""

import asyncio
import time
from typing import Any
from uuid import UUID

from services.auth.domain.throttling import Attempt
from services.auth.sign_in.even_time import ANSWER_SECONDS
from tests.integration.auth.sessions.desk import (
    Desk,
    done,
    link_token,
)
from tests.integration.auth.sessions.sign_in_link.link import (
    ASK,
    EMAIL,
    FIREFOX,
    REDEEM,
    a_token,
    ask,
    links,
)

OFTEN = Attempt.SIGN_IN_LINK.allowance.free


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


async def test_anything_but_one_address_is_refused_and_mails_nobody(desk: Desk, ann: UUID) -> None:
    """CVE-2023-7028"""
    misshapen: list[Any] = [[EMAIL], {"a": EMAIL}, None, 7, f"{EMAIL},eve@other.com", f"{EMAIL}\neve@other.com"]
    for email in misshapen:
        assert (await ask(desk, email)).status_code == 422, email
    assert not await desk.mails()
