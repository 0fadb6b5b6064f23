"""The half minute in which a refresh token that was used is answered once more."""

import asyncio
from datetime import timedelta
from uuid import UUID

from services.auth.domain.sessions import REFRESH_GRACE
from services.auth.use_cases.refresh_session import LONGEST_CHAIN
from tests.integration.auth.sessions.desk import Desk, Json, caller_of, claims_of, done, problem

ALMOST = REFRESH_GRACE - timedelta(seconds=5)


async def test_of_100_parallel_refreshes_all_get_the_one_successor(desk: Desk, session: Json) -> None:
    """CVE-2026-1035"""
    answers = await asyncio.gather(*(desk.refresh(session["refresh_token"]) for _ in range(100)))
    [successor] = {done(answer)["refresh_token"] for answer in answers}
    assert successor != session["refresh_token"]
    assert {claims_of(done(answer))["sid"] for answer in answers} == {claims_of(session)["sid"]}
    assert len(await desk.rows("SELECT FROM sessions")) == 1
    assert len(await desk.rows("SELECT FROM refresh_tokens")) == 2
    assert await desk.told() == []


async def test_of_100_parallel_replays_after_the_grace_one_ends_the_session(desk: Desk, session: Json) -> None:
    """CVE-2026-1035"""
    done(await desk.refresh(session["refresh_token"]))
    desk.clock.ahead = REFRESH_GRACE
    answers = await asyncio.gather(*(desk.refresh(session["refresh_token"]) for _ in range(100)))
    assert [problem(answer) for answer in answers] == [(401, "refresh_token_reused")] * 100
    assert len(await desk.told()) == 1


async def test_two_tabs_that_refresh_at_once_both_stay_signed_in(desk: Desk, session: Json) -> None:
    """nocturne#326"""
    one, two = await asyncio.gather(*(desk.refresh(session["refresh_token"]) for _ in range(2)))
    for minutes in (10, 20, 30):
        desk.clock.ahead = timedelta(minutes=minutes)
        one, two = await asyncio.gather(*(desk.refresh(done(tab)["refresh_token"]) for tab in (one, two)))
    assert done(one)["refresh_token"] == done(two)["refresh_token"]


async def test_a_late_tab_gets_what_the_chain_has_come_to(desk: Desk, session: Json) -> None:
    newest = session
    for _ in range(5):
        newest = done(await desk.refresh(newest["refresh_token"]))
    desk.clock.ahead = ALMOST
    late = done(await desk.refresh(session["refresh_token"]))
    assert late["refresh_token"] == newest["refresh_token"]
    desk.clock.ahead = timedelta(minutes=10)
    done(await desk.refresh(late["refresh_token"]))


async def test_the_grace_counts_from_the_first_use_and_is_not_renewed(desk: Desk, session: Json) -> None:
    second = done(await desk.refresh(session["refresh_token"]))
    desk.clock.ahead = ALMOST
    done(await desk.refresh(session["refresh_token"]))
    done(await desk.refresh(second["refresh_token"]))
    desk.clock.ahead = REFRESH_GRACE
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "refresh_token_reused")


async def test_a_chain_is_not_followed_without_end(desk: Desk, session: Json) -> None:
    newest = session
    for _ in range(LONGEST_CHAIN + 1):
        newest = done(await desk.refresh(newest["refresh_token"]))
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")
    done(await desk.refresh(newest["refresh_token"]))


async def test_signing_out_ends_the_grace(desk: Desk, session: Json) -> None:
    done(await desk.refresh(session["refresh_token"]))
    await desk.post("/api/auth/logout", by=caller_of(session))
    assert problem(await desk.refresh(session["refresh_token"])) == (401, "invalid_refresh_token")


async def test_who_is_suspended_gets_nothing_within_the_grace(desk: Desk, session: Json, company: UUID) -> None:
    """CVE-2024-47060"""
    done(await desk.refresh(session["refresh_token"]))
    await desk.suspend(company)
    assert problem(await desk.refresh(session["refresh_token"])) == (403, "tenant_suspended")


async def test_the_database_holds_no_token_and_nothing_that_a_dump_alone_could_open(desk: Desk, session: Json) -> None:
    """CVE-2017-18917"""
    second = done(await desk.refresh(session["refresh_token"]))
    dump = "".join(str(tuple(row)) for row in await desk.rows("SELECT t::text FROM refresh_tokens AS t"))
    for token in (session["refresh_token"], second["refresh_token"]):
        assert token not in dump
        assert token.encode().hex() not in dump


async def test_a_session_remembers_where_it_was_used_last(desk: Desk, session: Json) -> None:
    await desk.http.post(
        "/api/auth/refresh",
        json={"refresh_token": session["refresh_token"]},
        headers=desk.headers() | {"X-Client-Address": "203.0.113.7"},
    )
    [row] = await desk.rows("SELECT address FROM sessions")
    assert row["address"] == "203.0.113.7"
