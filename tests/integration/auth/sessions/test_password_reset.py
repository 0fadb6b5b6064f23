"""`POST /api/auth/password/forgot`, `POST /api/auth/password/reset`"""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.auth.sign_in.even_time import ANSWER_SECONDS
from shared.contracts.tenancy import Role
from shared.ids import new_token, token_hash
from tests.integration.auth.sessions.desk import (
    PASSWORD,
    PUBLIC_URL,
    Desk,
    caller_of,
    claims_of,
    done,
    link_token,
    problem,
)
from tests.support.connections import waiting

NEW = "quiet-harbour-93"
EMAIL = "ann@company.com"


@pytest.fixture
async def ann(desk: Desk, company: UUID) -> UUID:
    return await desk.person(EMAIL, company)


async def forgot(desk: Desk, email: Any) -> httpx.Response:
    return await desk.post("/api/auth/password/forgot", {"email": email})


async def reset(desk: Desk, token: Any, password: Any = NEW) -> httpx.Response:
    return await desk.post("/api/auth/password/reset", {"token": token, "password": password})


async def a_token(desk: Desk) -> str:
    """From the newest mail, which was just asked for."""
    assert (await forgot(desk, EMAIL)).status_code == 202
    return link_token((await desk.mails())[-1])


async def test_a_forgotten_password_is_set_anew_by_a_link(desk: Desk, ann: UUID) -> None:
    token = await a_token(desk)
    [mail] = await desk.mails()
    assert mail["to"] == EMAIL
    assert f"{PUBLIC_URL}/reset-password?token=" in mail["text"]
    answer = await reset(desk, token)
    assert (answer.status_code, answer.content) == (204, b"")
    assert problem(await desk.log_in(EMAIL, PASSWORD)) == (401, "invalid_credentials")
    await desk.session(EMAIL, NEW)


async def test_the_owner_is_told_that_the_password_changed(desk: Desk, ann: UUID) -> None:
    await reset(desk, await a_token(desk))
    assert [(mail["kind"], mail["to"]) for mail in await desk.mails()] == [
        ("password_reset", EMAIL),
        ("password_changed", EMAIL),
    ]


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_make_keys_and_invitations_is_told_that_they_go_on(
    desk: Desk, ann: UUID, company: UUID, role: Role
) -> None:
    """In whichever of their tenants."""
    await desk.join(ann, await desk.tenant("other"), role=role)
    await reset(desk, await a_token(desk))
    mail = (await desk.mails())[-1]
    assert ("API keys and invitations" in mail["text"]) is (role is not Role.MEMBER)


async def test_links_ignore_what_the_request_says_of_its_host(desk: Desk, ann: UUID) -> None:
    """CVE-2023-47107"""
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    desk.http.headers.update(evil)
    await forgot(desk, EMAIL)
    [mail] = await desk.mails()
    assert "evil.example" not in mail["text"] + mail["html"]


async def test_known_unknown_and_unverified_addresses_are_one_answer(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2024-41952"""
    await desk.person("new@company.com", company, verified=False, status="pending")
    answers = [await forgot(desk, email) for email in (EMAIL, "nobody@company.com", "new@company.com")]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
    assert [mail["to"] for mail in await desk.mails()] == [EMAIL]


async def test_neither_a_known_nor_an_unknown_address_is_told_before_the_time_that_all_take(
    desk: Desk, ann: UUID
) -> None:
    """CVE-2024-41952"""

    async def seconds(email: str) -> float:
        started = time.perf_counter()
        await forgot(desk, email)
        return time.perf_counter() - started

    assert min(await seconds(EMAIL), await seconds("nobody@company.com")) >= ANSWER_SECONDS


async def test_a_mailbox_is_not_flooded(desk: Desk, ann: UUID) -> None:
    answers = await asyncio.gather(*(forgot(desk, EMAIL) for _ in range(30)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await desk.mails()) == 5


async def test_anything_but_one_address_is_refused_and_mails_nobody(desk: Desk, ann: UUID) -> None:
    """CVE-2023-7028"""
    misshapen: list[Any] = [[EMAIL], {"a": EMAIL}, None, 7, f"{EMAIL},eve@other.com", f"{EMAIL}\neve@other.com"]
    for email in misshapen:
        assert (await forgot(desk, email)).status_code == 422, email
    assert not await desk.mails()


async def test_a_link_is_good_once(desk: Desk, ann: UUID) -> None:
    token = await a_token(desk)
    assert (await reset(desk, token)).status_code == 204
    assert problem(await reset(desk, token, "other-harbour-94")) == (410, "invalid_token")
    await desk.session(EMAIL, NEW)


async def test_of_50_parallel_uses_of_a_link_one_counts(desk: Desk, ann: UUID) -> None:
    """better-auth#9993"""
    token = await a_token(desk)
    answers = await asyncio.gather(*(reset(desk, token, f"harbour number {n}") for n in range(50)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(204) == 1
    assert statuses.count(410) == 49
    await desk.session(EMAIL, f"harbour number {statuses.index(204)}")


async def test_a_new_link_kills_the_older_one(desk: Desk, ann: UUID) -> None:
    """CVE-2023-3591"""
    older, newer = await a_token(desk), await a_token(desk)
    assert problem(await reset(desk, older)) == (410, "invalid_token")
    assert (await reset(desk, newer)).status_code == 204


async def test_a_link_dies_after_an_hour(desk: Desk, ann: UUID) -> None:
    token = await a_token(desk)
    desk.clock.ahead = timedelta(hours=1)
    assert problem(await reset(desk, token)) == (410, "invalid_token")
    await desk.session(EMAIL, PASSWORD)


async def test_a_refused_password_does_not_use_the_link_up(desk: Desk, ann: UUID) -> None:
    token = await a_token(desk)
    for weak in ("short", "password", "company2026", "Ann@2026", "a" * 1001):
        assert problem(await reset(desk, token, weak)) == (422, "weak_password")
    assert (await reset(desk, token)).status_code == 204


async def test_what_is_no_token_is_refused(desk: Desk) -> None:
    """CVE-2019-16109"""
    misshapen: list[Any] = ["", None, [], 0, {}, ["a"]]
    for token in misshapen:
        assert (await reset(desk, token)).status_code == 422, token
    assert (await desk.post("/api/auth/password/reset", {"password": NEW})).status_code == 422


async def test_tokens_of_other_kinds_reset_nothing(desk: Desk, ann: UUID, company: UUID) -> None:
    """CVE-2024-6087, CVE-2023-48220"""
    session, verification = await desk.session(EMAIL), new_token()
    await desk.rows(
        "INSERT INTO one_time_tokens VALUES ($1, $2, $3, 'verify_email', 'h', 'Ann', now(), now() + interval '1 day')",
        *(token_hash(verification), company, ann),
    )
    for token in (verification, session["refresh_token"], new_token()):
        assert problem(await reset(desk, token)) == (410, "invalid_token")


async def test_a_reset_token_is_no_refresh_token(desk: Desk, ann: UUID) -> None:
    assert problem(await desk.refresh(await a_token(desk))) == (401, "invalid_refresh_token")


async def test_all_sessions_in_all_tenants_end_and_each_tenant_is_told(desk: Desk, ann: UUID, company: UUID) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    await desk.person("bob@company.com", company)
    bobs = await desk.session("bob@company.com")
    sessions = [
        await desk.session(EMAIL),
        await desk.session(EMAIL, tenant_id=str(other)),
        await desk.session(EMAIL, tenant_id=str(other)),
    ]
    ended_before = await desk.session(EMAIL)
    await desk.post("/api/auth/logout", by=caller_of(ended_before))
    assert (await reset(desk, await a_token(desk))).status_code == 204
    for session in sessions:
        assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")
    told = {(tenant, event["session_id"], event["reason"]) for tenant, event in (await desk.told())[1:]}
    assert told == {
        (UUID(session["tenant"]["id"]), claims_of(session)["sid"], "password_reset") for session in sessions
    }
    done(await desk.refresh(bobs["refresh_token"]))


async def test_a_suspended_tenant_does_not_keep_sessions_elsewhere_alive(desk: Desk, ann: UUID, company: UUID) -> None:
    other = await desk.tenant("other")
    await desk.join(ann, other)
    session = await desk.session(EMAIL, tenant_id=str(other))
    token = await a_token(desk)
    await desk.suspend(company)
    assert (await reset(desk, token)).status_code == 204
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")
    await desk.session(EMAIL, NEW, tenant_id=str(other))


async def test_wrong_guesses_at_the_former_password_do_not_keep_the_owner_out(desk: Desk, ann: UUID) -> None:
    for _ in range(11):
        await desk.log_in(EMAIL, "velvet-otter-42")
    await reset(desk, await a_token(desk))
    await desk.session(EMAIL, NEW)


async def test_an_account_without_a_password_gets_one(desk: Desk, company: UUID) -> None:
    await desk.person(EMAIL, company, password=None)
    assert (await reset(desk, await a_token(desk))).status_code == 204
    await desk.session(EMAIL, NEW)


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


async def test_what_becomes_of_a_person_at_this_moment_is_not_undone_by_a_reset(desk: Desk, ann: UUID) -> None:
    token = await a_token(desk)
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("UPDATE users SET name = 'Ann Other' WHERE id = $1", ann)
            resetting = asyncio.ensure_future(reset(desk, token))
            await waiting(desk.behind, 1)
        assert (await resetting).status_code == 204
    assert [row["name"] for row in await desk.rows("SELECT name FROM users WHERE id = $1", ann)] == ["Ann Other"]
