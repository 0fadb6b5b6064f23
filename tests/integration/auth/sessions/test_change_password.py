"""`POST /api/auth/password`"""

import asyncio
from dataclasses import replace
from uuid import UUID

import bcrypt
import httpx

from services.auth.domain.throttling import Attempt
from shared.ids import new_id
from tests.integration.auth.sessions.desk import PASSWORD, Desk, Json, caller_of, claims_of, done, link_token, problem
from tests.support.connections import waiting

NEW = "a quiet harbour 17"


async def change(desk: Desk, session: Json, current: str = PASSWORD, new: str = NEW) -> httpx.Response:
    return await desk.post("/api/auth/password", {"current_password": current, "password": new}, by=caller_of(session))


async def test_the_new_password_counts_and_every_other_session_ends(desk: Desk, session: Json, company: UUID) -> None:
    elsewhere = await desk.session("ann@company.com")
    assert (await change(desk, session)).status_code == 204
    done(await desk.refresh(session["refresh_token"]))
    assert problem(await desk.refresh(elsewhere["refresh_token"])) == (401, "invalid_refresh_token")
    [(tenant_id, event)] = await desk.told()
    assert (tenant_id, event["reason"]) == (company, "password_changed")
    assert event["session_id"] == claims_of(elsewhere)["sid"]
    assert problem(await desk.log_in("ann@company.com")) == (401, "invalid_credentials")
    await desk.session("ann@company.com", NEW)


async def test_the_owner_is_told(desk: Desk, session: Json) -> None:
    await change(desk, session)
    [mail] = await desk.mails()
    assert (mail["kind"], mail["to"]) == ("password_changed", "ann@company.com")
    assert "All other devices were signed out." in mail["text"]
    assert "API keys and invitations" not in mail["text"]
    assert NEW not in mail["text"]


async def test_who_may_make_keys_and_invitations_is_told_that_they_go_on(desk: Desk, session: Json) -> None:
    await desk.rows("UPDATE memberships SET role = 'hr'")
    await change(desk, session)
    assert "API keys and invitations" in (await desk.mails())[-1]["text"]


async def test_all_links_to_a_reset_are_dead(desk: Desk, session: Json) -> None:
    """CVE-2023-3591"""
    await desk.post("/api/auth/password/forgot", {"email": "ann@company.com"})
    [mail] = await desk.mails()
    await change(desk, session)
    body = {"token": link_token(mail), "password": "another long sentence 3"}
    assert problem(await desk.post("/api/auth/password/reset", body)) == (410, "invalid_token")


async def test_whoever_does_not_know_the_password_changes_nothing(desk: Desk, session: Json) -> None:
    elsewhere = await desk.session("ann@company.com")
    assert problem(await change(desk, session, "not the password 9")) == (403, "wrong_password")
    done(await desk.refresh(elsewhere["refresh_token"]))
    assert await desk.mails() == []
    await desk.session("ann@company.com")


async def test_guesses_are_counted_together_with_those_at_sign_in(desk: Desk, session: Json) -> None:
    """CVE-2023-47111"""
    tries = Attempt.LOG_IN.allowance.free
    await desk.rows("DELETE FROM known_devices")  # one of these has a count of its own
    answers = await asyncio.gather(*(change(desk, session, f"wrong {n}") for n in range(tries + 20)))
    codes = [problem(answer)[1] for answer in answers]
    assert (codes.count("wrong_password"), codes.count("too_many_attempts")) == (tries, 20)
    assert problem(await desk.log_in("ann@company.com")) == (429, "too_many_attempts")
    assert problem(await change(desk, session)) == (429, "too_many_attempts")


async def test_strangers_who_guess_keep_nobody_from_changing_it_on_their_own_device(desk: Desk, session: Json) -> None:
    stranger = desk.headers() | {"User-Agent": "curl/8.5.0"}
    guess = {"email": "ann@company.com", "password": "not the password 9"}
    for _ in range(Attempt.LOG_IN.allowance.free):
        await desk.http.post("/api/auth/login", json=guess, headers=stranger)
    refused = await desk.http.post("/api/auth/login", json=guess, headers=stranger)
    assert problem(refused) == (429, "too_many_attempts")
    assert (await change(desk, session)).status_code == 204


async def test_a_weak_password_is_refused_and_costs_no_try(desk: Desk, session: Json) -> None:
    for _ in range(Attempt.LOG_IN.allowance.free + 1):
        assert problem(await change(desk, session, new="company")) == (422, "weak_password")
    assert (await change(desk, session)).status_code == 204


async def test_an_account_without_a_password_gets_none_this_way(desk: Desk, session: Json) -> None:
    """CVE-2019-18933"""
    await desk.rows("UPDATE users SET password_hash = NULL")
    for current in ("", PASSWORD):
        assert problem(await change(desk, session, current)) == (403, "wrong_password")


async def test_of_two_changes_at_once_one_counts(desk: Desk, session: Json) -> None:
    elsewhere, passwords = await desk.session("ann@company.com"), (NEW, "another long sentence 3")
    answers = await asyncio.gather(
        *(change(desk, by, new=new) for by, new in zip((session, elsewhere), passwords, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 403]
    [chosen] = [new for new, answer in zip(passwords, answers, strict=True) if answer.status_code == 204]
    await desk.session("ann@company.com", chosen)


async def test_a_sign_in_that_renews_the_hash_at_this_moment_is_in_nobodys_way(desk: Desk, session: Json) -> None:
    renewed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    async with desk.behind.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("UPDATE users SET password_hash = $1", renewed)
            changing = asyncio.ensure_future(change(desk, session))
            await waiting(desk.behind, 1)
        assert (await changing).status_code == 204
    await desk.session("ann@company.com", NEW)


async def test_neither_an_ended_session_nor_an_api_key_changes_it(desk: Desk, session: Json) -> None:
    key = replace(caller_of(session), session_id=None, key_id=new_id())
    body = {"current_password": PASSWORD, "password": NEW}
    assert problem(await desk.post("/api/auth/password", body, by=key)) == (403, "forbidden")
    await desk.post("/api/auth/logout", by=caller_of(session))
    assert problem(await change(desk, session)) == (401, "unauthenticated")
    await desk.session("ann@company.com")
