"""The statement that exchanges a refresh token: what it finds changed since the look, and whom it works for."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from shared.clock import utc_now
from shared.database import Database
from shared.ids import new_id, token_hash
from tests.integration.auth.sessions.desk import Desk, Json, claims_of, done, problem
from tests.support.connections import connected
from tests.support.databases import DatabaseUrls
from tests.support.waiting import eventually

ROTATE = "SELECT rotate_refresh_token($1, $2, $3, $4, 'sealed', 'successor', $5, $5, '192.0.2.1')"
SOMEBODY_WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND $1 = ANY (pg_blocking_pids(pid)))"
READ_AS_A_WHOLE = "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0"


def rotation(session: Json, *, tenant_id: UUID) -> tuple[Any, ...]:
    """What ``ROTATE`` asks for ``session``, but in that tenant."""
    claims = claims_of(session)
    return tenant_id, UUID(claims["sub"]), UUID(claims["sid"]), token_hash(session["refresh_token"]), utc_now()


async def refresh_while(desk: Desk, session: Json, change: str) -> httpx.Response:
    """The answer to a refresh that was decided on, and then has to wait for somebody who makes that ``change``."""
    async with desk.behind.lend() as other:

        async def waits() -> bool:
            [row] = await desk.rows(SOMEBODY_WAITS, other.get_server_pid())
            return bool(row["exists"])

        async with other.transaction():
            await other.execute(change)
            asking = asyncio.ensure_future(desk.refresh(session["refresh_token"]))
            await eventually(waits, "the refresh to wait")
        return await asking


async def test_a_session_that_ends_at_the_last_moment_is_not_gone_on_with(desk: Desk, session: Json) -> None:
    change = "UPDATE sessions SET revoked_at = now(), revoked_reason = 'signed_out'"
    assert problem(await refresh_while(desk, session, change)) == (401, "invalid_refresh_token")
    [token] = await desk.rows("SELECT used_at FROM refresh_tokens")
    assert token["used_at"] is None


async def test_a_token_is_exchanged_once_and_the_second_changes_nothing(
    database: Database, desk: Desk, session: Json, company: UUID
) -> None:
    for expected in (True, False):
        async with database.single_call() as call:
            assert await call.fetchval(ROTATE, *rotation(session, tenant_id=company)) is expected
    assert len(await desk.rows("SELECT FROM refresh_tokens")) == 2


async def test_a_token_is_exchanged_in_its_own_tenant_alone(database: Database, desk: Desk, session: Json) -> None:
    other = await desk.tenant("other")
    async with database.single_call() as call:
        assert await call.fetchval(ROTATE, *rotation(session, tenant_id=other)) is False
        assert await call.fetchval("SELECT count(*) FROM refresh_tokens") == 0
    done(await desk.refresh(session["refresh_token"]))


async def test_whoever_looks_up_exchanges_nothing(database: Database, session: Json, company: UUID) -> None:
    async with database.look_up() as across:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await across.fetchval(ROTATE, *rotation(session, tenant_id=company))


async def test_it_finds_its_rows_by_an_index(urls: DatabaseUrls, company: UUID) -> None:
    async with connected(urls.serving) as connection, connection.transaction():
        await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        await connection.fetchval(ROTATE, company, new_id(), new_id(), b"", utc_now())
        assert await connection.fetch(READ_AS_A_WHOLE) == []
