"""One transaction that is made of several."""

import asyncio
from contextlib import suppress

import pytest

from shared.database import Database, Transaction
from shared.ids import new_id
from tests.support.databases import DatabaseUrls
from tests.support.notebook.facts import notes

T1, T2, PERSON = new_id(), new_id(), new_id()
HELD_TO = "SELECT current_tenant(), current_person()"


class OwnMistake(Exception):
    """What a use case may raise at any time."""


async def note(tx: Transaction, text: str) -> None:
    await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, $2)", tx.tenant_id, text)


async def held_to(tx: Transaction) -> tuple[object, ...]:
    row = await tx.fetchrow(HELD_TO)
    assert row
    return tuple(row)


async def test_what_the_parts_do_is_saved_together(database: Database) -> None:
    async with database.joint_transaction(T1) as whole:
        await note(whole, "first")
        async with database.transaction(T1) as part:
            await note(part, "second")
        assert await whole.fetchval("SELECT count(*) FROM notes") == 2
    assert await notes(database, T1) == ["first", "second"]


async def test_if_the_process_dies_nothing_of_it_is_there(database: Database) -> None:
    with suppress(OwnMistake):
        async with database.joint_transaction(T1) as whole:
            await note(whole, "first")
            async with database.transaction(T1) as part:
                await note(part, "second")
            raise OwnMistake
    assert await notes(database, T1) == []


async def test_each_part_is_held_to_its_own_tenant_and_person(database: Database) -> None:
    async with database.joint_transaction(T1) as whole:
        async with database.transaction(T2, person=PERSON) as part:
            assert await held_to(part) == (T2, PERSON)
            await note(part, "of the other")
        assert (whole.tenant_id, await held_to(whole)) == (T1, (T1, None))
        assert await whole.fetch("SELECT text FROM notes") == []
    assert (await notes(database, T1), await notes(database, T2)) == ([], ["of the other"])


async def test_a_part_that_failed_cannot_be_passed_over(database: Database) -> None:
    async def pass_over() -> None:
        async with database.joint_transaction(T1):
            with suppress(OwnMistake):
                async with database.transaction(T1) as part:
                    await note(part, "half")
                    raise OwnMistake

    with pytest.raises(RuntimeError, match="nothing was saved"):
        await pass_over()
    assert await notes(database, T1) == []


async def test_afterwards_transactions_are_their_own_again(database: Database) -> None:
    async with database.joint_transaction(T1):
        pass
    with suppress(OwnMistake):
        async with database.transaction(T1) as tx:
            await note(tx, "lost")
            raise OwnMistake
    async with database.transaction(T1) as tx:
        await note(tx, "kept")
    assert await notes(database, T1) == ["kept"]


async def test_another_task_and_another_database_are_no_parts(urls: DatabaseUrls) -> None:
    one = await Database.open("one", urls.serving, urls.look_up, size=2)
    two = await Database.open("two", urls.serving, urls.look_up, size=1)

    async def elsewhere() -> None:
        async with one.transaction(T1) as tx:
            await note(tx, "by another task")

    with suppress(OwnMistake):
        async with one.joint_transaction(T1) as whole:
            await note(whole, "lost")
            await asyncio.create_task(elsewhere())
            async with two.transaction(T1) as tx:
                await note(tx, "in another database")
            raise OwnMistake
    assert await notes(one, T1) == ["by another task", "in another database"]
    await one.close()
    await two.close()
