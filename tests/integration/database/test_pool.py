"""One connection, two tenants, ten thousand uses that end in every way there is: no foreign row, ever."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import asyncpg
import pytest

from shared.database import Database, DatabaseUnavailable, Transaction
from shared.ids import new_id

USES = 10_000
TENANTS = T1, T2 = new_id(), new_id()
ROWS = 3

MINE = "SELECT tenant_id FROM notes"
WITHOUT_TENANT = """
    SELECT (SELECT count(*) FROM notes) AS visible, current_setting('app.tenant_id', true) AS tenant,
           current_setting('app.person_id', true) AS person
"""


class OwnMistake(Exception):
    """What a use case may raise at any time."""


async def look(tx: Transaction) -> None:
    assert [row["tenant_id"] for row in await tx.fetch(MINE)] == [tx.tenant_id] * ROWS


async def raise_an_error(tx: Transaction) -> None:
    await look(tx)
    raise OwnMistake


async def fail_in_the_database(tx: Transaction) -> None:
    await look(tx)
    await tx.execute("SELECT 1 / 0")


async def write_anothers_row(tx: Transaction) -> None:
    other = T2 if tx.tenant_id == T1 else T1
    await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, 'forged')", other)


async def swallow_a_failure(tx: Transaction) -> None:
    with suppress(asyncpg.DivisionByZeroError):
        await tx.execute("SELECT 1 / 0")


async def run_into_the_servers_time_out(tx: Transaction) -> None:
    await look(tx)
    await tx.execute("SET LOCAL statement_timeout = 1")
    await tx.execute("SELECT pg_sleep(1)")


async def run_into_our_time_out(tx: Transaction) -> None:
    await look(tx)
    async with asyncio.timeout(0.001):
        await tx.execute("SELECT pg_sleep(1)")


async def lose_the_connection(tx: Transaction) -> None:
    await look(tx)
    await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")


Use = Callable[[Transaction], Awaitable[None]]

# How often, of a thousand. What costs a connection, or a millisecond, comes as often as the time allows.
USE: dict[Use, int] = {
    look: 660,
    raise_an_error: 150,
    fail_in_the_database: 100,
    write_anothers_row: 40,
    swallow_a_failure: 40,
    run_into_the_servers_time_out: 5,
    run_into_our_time_out: 4,
    lose_the_connection: 1,
}
CANCELLED_OF_A_THOUSAND = 30

EXPECTED = (
    OwnMistake,
    DatabaseUnavailable,
    RuntimeError,
    asyncpg.DivisionByZeroError,
    asyncpg.InsufficientPrivilegeError,
    asyncio.CancelledError,
)


async def use(database: Database, tenant_id: UUID, how: Use) -> None:
    async with database.transaction(tenant_id, person=tenant_id) as tx:
        await how(tx)


async def use_and_be_cancelled(database: Database, tenant_id: UUID, how: Use, after: float) -> None:
    """At any of its awaits: while it waits for the connection, begins, reads, commits, rolls back or hands it back."""
    task = asyncio.ensure_future(use(database, tenant_id, how))
    asyncio.get_running_loop().call_later(after, task.cancel)
    await task


async def keep_using(database: Database, tenant_id: UUID, times: int, chance: random.Random) -> int:
    """The number of uses that ended well."""
    well = 0
    for how in chance.choices(list(USE), weights=list(USE.values()), k=times):
        with suppress(*EXPECTED):
            if chance.random() < CANCELLED_OF_A_THOUSAND / 1000:
                await use_and_be_cancelled(database, tenant_id, how, chance.uniform(0, 0.004))
            else:
                await use(database, tenant_id, how)
            well += 1
    return well


async def look_without_a_tenant(database: Database) -> asyncpg.Record | None:
    """Through the same pool, past ``transaction``."""
    async with database.serving.lend() as connection:
        return await connection.fetchrow(WITHOUT_TENANT)


@pytest.fixture
async def seeded(database: Database) -> Database:
    for tenant_id in TENANTS:
        async with database.transaction(tenant_id) as tx:
            await tx.execute_many("INSERT INTO notes (tenant_id, text) VALUES ($1, '')", [(tenant_id,)] * ROWS)
    return database


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_no_use_of_a_connection_leaves_a_tenant_behind(
    seeded: Database, caplog: pytest.LogCaptureFixture
) -> None:
    # Two users per tenant: the connection goes from one tenant to the other nearly every time.
    users = [
        keep_using(seeded, tenant_id, USES // 4, random.Random(seed))  # noqa: S311 - chance, the same in each run
        for seed, tenant_id in enumerate((*TENANTS, *TENANTS))
    ]
    well = await asyncio.gather(*users)
    assert sum(well) > USES / 2
    found = await look_without_a_tenant(seeded)
    assert found
    assert (found["visible"], found["tenant"] or "", found["person"] or "") == (0, "", "")
    for tenant_id in TENANTS:
        await use(seeded, tenant_id, look)
    assert not [record for record in caplog.records if record.name == "asyncio"]  # nothing was left for others to clean


async def test_no_tenant_no_row(seeded: Database) -> None:
    """Neither on a connection that had one before nor on one that never did, and with no value that is none."""
    await use(seeded, T1, look)
    for tenant in (None, "", "00000000-0000-0000-0000-000000000000", str(new_id())):
        async with seeded.serving.lend() as connection, connection.transaction():
            if tenant is not None:
                await connection.execute("SELECT set_config('app.tenant_id', $1, true)", tenant)
            assert await connection.fetchval("SELECT count(*) FROM notes") == 0
            assert await connection.execute("DELETE FROM notes") == "DELETE 0"
