"""One transaction, facts in several tenants."""

from uuid import UUID

import asyncpg
import pytest

from shared.clock import utc_now
from shared.contracts.auth import SessionRevoked
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging.outbox import tell
from tests.integration.auth.sessions.desk import Desk
from tests.support.databases import DatabaseUrls


async def tell_something(tx: Transaction) -> None:
    event = SessionRevoked(session_id=new_id(), user_id=new_id(), reason="test", dead_until=utc_now())
    await tell(tx, event)


async def tenants_told(desk: Desk) -> list[UUID]:
    return [tenant_id for tenant_id, _ in await desk.told()]


async def test_each_fact_belongs_to_the_tenant_that_was_acted_in(desk: Desk, database: Database) -> None:
    home, other = await desk.tenant("home"), await desk.tenant("other")
    async with database.transaction(home) as tx:
        await tell_something(tx)
        async with tx.acting_in(other):
            await tell_something(tx)
        await tell_something(tx)
    assert await tenants_told(desk) == [home, other, home]


async def test_the_facts_of_all_tenants_stand_or_fall_together(desk: Desk, database: Database) -> None:
    home, other = await desk.tenant("home"), await desk.tenant("other")

    async def tell_and_fail() -> None:
        async with database.transaction(home) as tx:
            async with tx.acting_in(other):
                await tell_something(tx)
            raise ValueError("too late")

    with pytest.raises(ValueError, match="too late"):
        await tell_and_fail()
    assert await tenants_told(desk) == []


async def test_row_level_security_follows(desk: Desk, database: Database) -> None:
    home, other = await desk.tenant("home"), await desk.tenant("other")
    async with database.transaction(home) as tx:
        async with tx.acting_in(other):
            assert await tx.fetchval("SELECT slug FROM tenants") == "other"
        assert await tx.fetchval("SELECT slug FROM tenants") == "home"


async def test_the_next_transaction_on_the_connection_starts_without_it(desk: Desk, urls: DatabaseUrls) -> None:
    home, other = await desk.tenant("home"), await desk.tenant("other")
    database = await Database.open("auth", urls.serving, urls.look_up, size=1, connect=urls.connect)
    with pytest.raises(asyncpg.PostgresError):
        async with database.transaction(home) as tx, tx.acting_in(other):
            await tx.execute("SELECT 1 / 0")
    async with database.transaction(home) as tx:
        assert await tx.fetchval("SELECT slug FROM tenants") == "home"
    await database.close()


async def test_a_transaction_across_tenants_acts_in_none(database: Database) -> None:
    async with database.background() as tx:
        with pytest.raises(ValueError, match="across tenants"):
            async with tx.acting_in(new_id()):
                pass
