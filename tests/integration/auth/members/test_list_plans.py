"""How PostgreSQL finds the people of a tenant: by an index, however many there are elsewhere."""

import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.auth.repository import memberships
from services.auth.repository.directory import Filter, Position, statement
from shared.contracts.tenancy import MembershipStatus, Role
from shared.ids import new_id
from tests.integration.auth.members.crowds import gathered
from tests.integration.auth.sessions.desk import Desk
from tests.support.databases import DatabaseUrls


@pytest.fixture
async def crowd(desk: Desk) -> UUID:
    return await gathered(desk, "crowd")


async def plan(urls: DatabaseUrls, tenant_id: UUID, sql: str, *arguments: Any) -> str:
    """What the serving role's plan says, as JSON, once the values are not looked at any more."""
    connection = await asyncpg.connect(urls.serving)
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant_id))
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            told = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *arguments)
            return json.dumps(json.loads(told))
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(text="ann"), "memberships_by_age"),
        (Filter(status=MembershipStatus.PENDING), "memberships_by_status"),
        (Filter(role=Role.OWNER), "memberships_by_role"),
        (Filter(text="ann", status=MembershipStatus.SUSPENDED), "memberships_by_status"),
    ],
)
async def test_a_page_is_read_off_an_index_in_its_order(
    urls: DatabaseUrls, desk: Desk, crowd: UUID, wanted: Filter, index: str
) -> None:
    for after in (None, Position(desk.clock(), new_id())):
        sql, arguments = statement(crowd, wanted, after, 51)
        found = await plan(urls, crowd, sql, *arguments)
        assert index in found
        assert "Seq Scan" not in found
        assert '"Sort"' not in found


async def test_owners_and_changed_roles_are_found_without_reading_everybody(urls: DatabaseUrls, crowd: UUID) -> None:
    for sql in (memberships.LOCK_WITH_OWNERS, memberships.ROLES_CHANGED_SINCE, memberships.ADMINS):
        arguments = {
            memberships.LOCK_WITH_OWNERS: (crowd, [new_id(), new_id()]),
            memberships.ADMINS: (crowd, 10),
        }
        found = await plan(urls, crowd, sql, *arguments.get(sql, (None,)))
        assert "Seq Scan" not in found, sql
