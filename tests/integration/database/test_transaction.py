"""What a transaction sees, keeps and tells."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.database import Database, DatabaseUnavailable
from shared.ids import new_id
from tests.support.connections import change
from tests.support.databases import DatabaseUrls

T1, T2 = new_id(), new_id()
ADD = "INSERT INTO notes (tenant_id, text) VALUES ($1, $2)"
ALL = "SELECT text FROM notes ORDER BY position"
TEXTS_OF = """
    CREATE FUNCTION texts_of(tenant uuid) RETURNS SETOF text LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM set_config('app.tenant_id', tenant::text, true);
        RETURN QUERY SELECT text FROM notes;
    END $$
"""


async def add(database: Database, tenant_id: UUID, text: str) -> None:
    async with database.transaction(tenant_id) as tx:
        await tx.execute(ADD, tenant_id, text)


async def run(database: Database, *statements: str) -> None:
    async with database.transaction(T1) as tx:
        for statement in statements:
            await tx.execute(statement)


async def texts(database: Database, tenant_id: UUID) -> list[str]:
    async with database.transaction(tenant_id) as tx:
        return [row["text"] for row in await tx.fetch(ALL)]


async def test_a_tenant_sees_its_own_rows_and_no_others(database: Database) -> None:
    await add(database, T1, "mine")
    await add(database, T2, "theirs")
    assert await texts(database, T1) == ["mine"]
    assert await texts(database, new_id()) == []


async def test_a_tenant_writes_no_row_of_another(database: Database) -> None:
    await add(database, T2, "theirs")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with database.transaction(T1) as tx:
            await tx.execute(ADD, T2, "forged")
    async with database.transaction(T1) as tx:
        assert await tx.execute("UPDATE notes SET text = 'changed'") == 0
        assert await tx.execute("DELETE FROM notes") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with database.transaction(T2) as tx:
            await tx.execute("UPDATE notes SET tenant_id = $1", T1)
    assert await texts(database, T2) == ["theirs"]


async def test_a_tenant_or_person_that_is_no_id_begins_nothing(database: Database) -> None:
    forged: Any = f"{T1}', true); DROP TABLE notes; --"
    with pytest.raises(TypeError):
        database.transaction(forged)
    with pytest.raises(TypeError):
        database.transaction(T1, person=forged)


async def test_all_of_it_or_nothing(database: Database) -> None:
    half = "INSERT INTO notes (tenant_id, text) VALUES (current_tenant(), 'half')"
    with pytest.raises(asyncpg.DivisionByZeroError):
        await run(database, half, "SELECT 1 / 0")
    assert await texts(database, T1) == []


async def test_a_swallowed_failure_is_no_success(database: Database) -> None:
    """After a failed statement PostgreSQL answers COMMIT with a rollback, and without an error."""

    async def pass_over_it() -> None:
        async with database.transaction(T1) as tx:
            await tx.execute(ADD, T1, "lost")
            with suppress(asyncpg.DivisionByZeroError):
                await tx.execute("SELECT 1 / 0")

    with pytest.raises(RuntimeError, match="nothing was saved"):
        await pass_over_it()
    assert await texts(database, T1) == []


async def test_the_look_up_role_reads_across_tenants_and_writes_nothing(database: Database) -> None:
    await add(database, T1, "one")
    await add(database, T2, "two")
    async with database.look_up() as across:
        assert across.tenant_id is None
        assert [row["text"] for row in await across.fetch(ALL)] == ["one", "two"]
        for statement in ("DELETE FROM notes", "UPDATE notes SET text = ''", "TRUNCATE notes"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await across.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.background() as across:
            await across.execute(ADD, T1, "forged")


async def test_a_single_call_is_held_to_the_tenant_that_it_sets_and_leaves_none_behind(
    database: Database, urls: DatabaseUrls
) -> None:
    await change(urls.owner, TEXTS_OF)
    await add(database, T1, "mine")
    await add(database, T2, "theirs")
    async with database.single_call() as call:
        assert [row["text"] for row in await call.fetch("SELECT texts_of($1) AS text", T1)] == ["mine"]
        assert await call.fetch(ALL) == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await call.execute(ADD, T1, "forged")


async def test_a_wrong_argument_is_our_mistake_and_no_outage(database: Database) -> None:
    with pytest.raises(asyncpg.DataError):
        async with database.transaction(T1) as tx:
            await tx.fetchval("SELECT $1::int", "seven")


async def test_a_statement_without_an_end_is_ended(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        await run(database, "SET LOCAL statement_timeout = 20", "SELECT pg_sleep(60)")
    assert caught.value.retry_after
    async with database.transaction(T1) as tx:
        assert await tx.fetchval("SHOW statement_timeout") == "15s"


async def test_who_waits_too_long_for_a_connection_is_told_to_come_back(database: Database) -> None:
    async with database.transaction(T1):
        with pytest.raises(DatabaseUnavailable):
            await database.ping()
    await database.ping()


async def test_rows_are_counted(database: Database) -> None:
    async with database.transaction(T1) as tx:
        await tx.execute_many(ADD, [(T1, str(n)) for n in range(3)])
        assert await tx.execute("UPDATE notes SET text = 'x'") == 3
        assert await tx.execute("SET LOCAL timezone = 'UTC'") == 0
        assert await tx.fetchrow("SELECT FROM notes WHERE text = 'y'") is None
        assert await tx.fetchval("SELECT count(*) FROM notes") == 3


async def test_a_cancelled_waiter_takes_no_connection_with_it(database: Database) -> None:
    async with database.transaction(T1):
        waiter = asyncio.ensure_future(database.ping())
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
    await database.ping()


async def test_it_may_act_in_another_tenant_for_a_while(database: Database) -> None:
    await add(database, T2, "theirs")
    async with database.transaction(T1) as tx:
        async with tx.acting_in(T2):
            assert (tx.tenant_id, await tx.fetchval("SELECT text FROM notes")) == (T2, "theirs")
            await tx.execute(ADD, T2, "told")
        assert (tx.tenant_id, await tx.fetch(ALL)) == (T1, [])
        await tx.execute(ADD, T1, "mine")
    assert (await texts(database, T1), await texts(database, T2)) == (["mine"], ["theirs", "told"])


async def test_what_fails_there_undoes_the_whole(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction(T1) as tx:
            await tx.execute(ADD, T1, "mine")
            async with tx.acting_in(T2):
                await tx.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await fail()
    assert await texts(database, T1) == []


async def test_across_tenants_there_is_none_to_act_in(database: Database) -> None:
    async def act() -> None:
        async with database.background() as across, across.acting_in(T1):
            pass

    with pytest.raises(ValueError, match="acts in none"):
        await act()


@pytest.mark.parametrize(
    "code",
    [
        "53100",  # disk full
        "53200",  # out of memory
        "53300",  # too many connections
        "25006",  # read-only: a primary that has become a standby
        "25P03",  # idle in transaction
        "40P01",  # deadlock
        "57014",  # cancelled
        "57P01",  # shutting down
    ],
)
async def test_what_the_database_cannot_do_at_the_moment_is_an_outage(database: Database, code: str) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        await run(database, f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")
    assert caught.value.retry_after


async def test_a_password_that_is_being_changed_is_an_outage(urls: DatabaseUrls) -> None:
    refused = urls.serving.replace("serving-password", "the former one")
    database = await Database.open("notebook", refused, urls.look_up)
    with pytest.raises(DatabaseUnavailable):
        await database.ping()
    await database.close()


@pytest.mark.parametrize(("text", "position"), [("\ud800", 1), ("a", 2**64)])
async def test_a_value_that_cannot_be_sent_is_no_outage(database: Database, text: str, position: int) -> None:
    """Whoever waits for the end of it, such as a consumer of events, would wait for ever."""
    with pytest.raises(asyncpg.DataError, match="invalid input for query argument"):
        async with database.transaction(T1) as tx:
            await tx.execute("UPDATE notes SET text = $1 WHERE position = $2", text, position)
    await add(database, T1, "goes on")
