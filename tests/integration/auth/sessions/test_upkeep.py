"""Nothing that is over is kept for ever."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.auth.domain.devices import FORGOTTEN_AFTER
from services.auth.repository import sessions
from services.auth.repository.sessions import TOKENS_AT_ONCE
from services.auth.upkeep import Upkeep
from shared.clock import utc_now
from shared.database import Database
from shared.database.migrate import user_of
from tests.integration.auth.sessions.desk import Desk, done
from tests.support.connections import connected
from tests.support.databases import DatabaseUrls
from tests.support.waiting import eventually

_MORE_TOKENS = """
    INSERT INTO refresh_tokens (hash, tenant_id, user_id, session_id, issued_at, expires_at, used_at)
    SELECT sha256(n::text::bytea), tenant_id, user_id, session_id, issued_at, expires_at, issued_at
      FROM refresh_tokens, generate_series(1, $1::integer) AS n
"""
_WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
TABLES = ("sessions", "refresh_tokens", "one_time_tokens", "throttles")


@pytest.fixture
async def upkeep(desk: Desk, urls: DatabaseUrls) -> AsyncIterator[Upkeep]:
    database = await Database.open("auth", urls.serving, urls.look_up, connect=urls.connect)
    yield Upkeep(database, desk.clock)
    await database.close()


async def counts(desk: Desk) -> dict[str, int]:
    """How many rows there are."""
    found = {table: await desk.rows(f"SELECT FROM {table}") for table in TABLES}
    return {table: len(rows) for table, rows in found.items()}


async def test_what_counts_stays_and_what_is_over_goes(desk: Desk, upkeep: Upkeep) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    session = await desk.session("ann@company.com")
    session = done(await desk.refresh(session["refresh_token"]))
    await desk.post("/api/auth/password/forgot", {"email": "ann@company.com"})
    await desk.log_in("nobody@company.com")
    there = {"sessions": 1, "refresh_tokens": 2, "one_time_tokens": 1, "throttles": 2}
    await upkeep.tidy()
    assert await counts(desk) == there
    desk.clock.ahead = timedelta(hours=25)
    await upkeep.tidy()
    assert await counts(desk) == there | {"one_time_tokens": 0, "throttles": 0}
    desk.clock.ahead = timedelta(days=30, hours=1)
    await upkeep.tidy()
    assert (await counts(desk))["sessions"] == 1  # the last access tokens of it may still be about
    desk.clock.ahead = timedelta(days=31, hours=1)
    await upkeep.tidy()
    assert set((await counts(desk)).values()) == {0}
    assert len(await desk.rows("SELECT FROM users")) == 1


async def test_a_device_is_forgotten_that_was_not_used_for_long(desk: Desk, upkeep: Upkeep) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.session("ann@company.com")
    desk.clock.ahead = FORGOTTEN_AFTER - timedelta(minutes=1)
    await upkeep.tidy()
    assert len(await desk.rows("SELECT FROM known_devices")) == 1
    await desk.session("ann@company.com")
    desk.clock.ahead = 2 * FORGOTTEN_AFTER - timedelta(minutes=2)
    await upkeep.tidy()
    assert len(await desk.rows("SELECT FROM known_devices")) == 1
    desk.clock.ahead = 2 * FORGOTTEN_AFTER
    await upkeep.tidy()
    assert await desk.rows("SELECT FROM known_devices") == []


async def test_many_rows_go_in_batches(desk: Desk, upkeep: Upkeep) -> None:
    for n in range(5):
        await desk.log_in(f"nobody{n}@company.com")
    desk.clock.ahead = timedelta(days=2)
    await replace(upkeep, batch=2).tidy()
    assert (await counts(desk))["throttles"] == 0


async def test_the_tokens_of_a_session_go_some_at_a_time(desk: Desk, upkeep: Upkeep, database: Database) -> None:
    """Whoever refreshes in a loop makes so many that nothing else would be removed any more."""
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.session("ann@company.com")
    await desk.rows(_MORE_TOKENS, TOKENS_AT_ONCE)
    desk.clock.ahead = timedelta(days=31, hours=1)
    async with database.background() as tx:
        assert await sessions.purge(tx, desk.clock(), 500) == 500
    assert (await desk.rows("SELECT count(*) FROM refresh_tokens"))[0][0] == 1
    await upkeep.tidy()
    assert await desk.rows("SELECT FROM sessions") == []


async def test_of_two_at_once_neither_takes_more_tokens_than_that(
    desk: Desk, upkeep: Upkeep, database: Database
) -> None:
    """Who finds that another has just removed them does not take the rest to be few."""
    await desk.person("ann@company.com", await desk.tenant("company"))
    await desk.session("ann@company.com")
    await desk.rows(_MORE_TOKENS, TOKENS_AT_ONCE)
    desk.clock.ahead = timedelta(days=31, hours=1)

    async def purge() -> int:
        async with database.background() as tx:
            return await sessions.purge(tx, desk.clock(), 500)

    async with upkeep.database.background() as tx:
        assert await sessions.purge(tx, desk.clock(), 500) == 500
        second = asyncio.ensure_future(purge())
        await eventually(lambda: desk.rows(_WAITING), "the second to wait")
    assert await second == 0
    assert (await counts(desk))["refresh_tokens"] == 1


async def test_sessions_that_are_over_are_found_without_reading_those_that_are_not(urls: DatabaseUrls) -> None:
    async with connected(urls.look_up) as connection:
        await connection.execute(
            "SET enable_seqscan = off; SET enable_sort = off; SET plan_cache_mode = force_generic_plan"
        )
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sessions.OVER}", utc_now(), 500)
    assert "sessions_by_end" in plan
    assert '"Sort"' not in plan


async def people(desk: Desk) -> list[str]:
    """The addresses that have an account."""
    rows = await desk.rows("SELECT u.email FROM users AS u JOIN memberships AS m ON m.user_id = u.id ORDER BY 1")
    return [row["email"] for row in rows]


async def test_an_account_that_nobody_proves_goes_after_a_week(desk: Desk, upkeep: Upkeep) -> None:
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    await desk.person("bob@company.com", company, verified=False)
    desk.clock.ahead = timedelta(days=6, hours=23)
    await upkeep.tidy()
    assert await people(desk) == ["ann@company.com", "bob@company.com"]
    desk.clock.ahead = timedelta(days=7, hours=1)
    await upkeep.tidy()
    assert await people(desk) == ["ann@company.com"]


async def test_an_account_stays_while_a_link_can_prove_it(desk: Desk, upkeep: Upkeep) -> None:
    await desk.person("bob@company.com", await desk.tenant("company"), verified=False)
    desk.clock.ahead = timedelta(days=6, hours=23)
    await desk.post("/api/auth/verify-email/resend", {"email": "bob@company.com"})
    desk.clock.ahead = timedelta(days=7, hours=22)
    await upkeep.tidy()
    assert await people(desk) == ["bob@company.com"]
    desk.clock.ahead = timedelta(days=8)
    await upkeep.tidy()
    assert await people(desk) == []


async def test_no_statement_of_the_upkeep_can_remove_a_proven_account(desk: Desk, upkeep: Upkeep) -> None:
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    await desk.person("bob@company.com", company, verified=False)
    async with upkeep.database.background() as tx:
        await tx.execute("DELETE FROM users")
    assert await people(desk) == ["ann@company.com"]


async def test_it_goes_on_when_the_database_is_away() -> None:
    database = await Database.open("auth", *["postgresql://nobody@127.0.0.1:1/nothing"] * 2)
    assert await still_works(Upkeep(database, utc_now))
    await database.close()


async def test_it_goes_on_when_it_may_not_do_its_work(desk: Desk, upkeep: Upkeep, urls: DatabaseUrls) -> None:
    await desk.rows(f"REVOKE ALL ON throttles FROM {user_of(urls.look_up)}")
    assert await still_works(upkeep)


async def still_works(upkeep: Upkeep) -> bool:
    """Whether a failure leaves it running: in a process whose parts stop together, it would stop them all."""
    working = asyncio.create_task(upkeep.run())
    done_or_failed, _ = await asyncio.wait([working], timeout=0.2)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return not done_or_failed
