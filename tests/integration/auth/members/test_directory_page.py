"""The statement that reads a page of everybody: in which order, how much of the table, and for whom it works."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from services.auth.repository import directory
from services.auth.repository.directory import Filter, Position
from shared.database import Database
from shared.ids import new_id
from tests.integration.auth.members.crowds import PEOPLE, gathered
from tests.integration.auth.sessions.desk import Desk
from tests.support.connections import connected
from tests.support.databases import DatabaseUrls

PAGE = "SELECT count(*) FROM directory_page($1, $2, $3, 51)"
READ = "SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'memberships'"


@pytest.fixture
async def crowd(desk: Desk) -> UUID:
    return await gathered(desk, "crowd")


async def test_everybody_comes_once_page_by_page_and_as_one_transaction_has_it(database: Database, crowd: UUID) -> None:
    async with database.transaction(crowd) as tx:
        expected = await directory.page(tx, crowd, Filter(), after=None, limit=PEOPLE + 1)
    found, after = list(expected[:0]), None
    async with database.single_call() as call:
        while page := await directory.everybody(call, crowd, after=after, limit=1000):
            found += page
            after = Position.of(page[-1])
    assert found == expected
    assert len(found) == PEOPLE


async def test_a_page_reads_no_more_than_it_shows(urls: DatabaseUrls, desk: Desk, crowd: UUID) -> None:
    for after in (datetime.min.replace(tzinfo=UTC), desk.clock() - timedelta(seconds=PEOPLE / 2)):
        async with connected(urls.serving) as connection, connection.transaction():
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            assert await connection.fetchval(PAGE, crowd, after, new_id()) == 51
            [read] = await connection.fetch(READ)
            assert (read["seq_scan"], read["idx_tup_fetch"]) == (0, 51)


async def test_nobody_of_another_tenant_is_on_it_nor_seen_after_it(database: Database, desk: Desk, crowd: UUID) -> None:
    other = await desk.tenant("other")
    async with database.single_call() as call:
        assert await directory.everybody(call, other, after=None, limit=10) == []
        assert await directory.everybody(call, crowd, after=None, limit=10)
        assert await call.fetchval("SELECT count(*) FROM memberships") == 0


async def test_whoever_looks_up_reads_no_page(database: Database, desk: Desk, crowd: UUID) -> None:
    async with database.look_up() as across:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await across.fetchval(PAGE, crowd, desk.clock(), new_id())
