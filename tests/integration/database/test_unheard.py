"""What was asked of the server and not heard: whoever is cancelled meanwhile leaves that connection to nobody.

The server may still be at it, and the wish to have it stopped would meet whatever is asked next.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

import pytest

from shared.database import Database, Transaction
from shared.ids import new_id

TENANT = new_id()


@dataclass(frozen=True, slots=True)
class Use:
    """Uses of the one connection, by the server's process behind it. Nothing is read between ``asks`` and an answer."""

    database: Database
    processes: list[int] = field(default_factory=list)
    asks: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, tx: Transaction) -> None:
        self.processes.append(await tx.fetchval("SELECT pg_backend_pid()"))
        self.asks.set()

    async def commit(self) -> None:
        async with self.database.transaction(TENANT) as tx:
            await self.note(tx)

    async def roll_back(self) -> None:
        async with self.database.transaction(TENANT) as tx:
            await self.note(tx)
            raise ValueError

    async def look_up(self) -> None:
        async with self.database.look_up() as across:
            await self.note(across)
            await across.fetch("SELECT text FROM notes")


@pytest.fixture
def use(database: Database) -> Use:
    return Use(database)


async def cancelled(use: Use, doing: Coroutine[None, None, None]) -> None:
    use.asks.clear()
    task = asyncio.ensure_future(doing)
    await use.asks.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_where_nobody_heard_how_a_transaction_ended_nobody_begins_the_next(use: Use) -> None:
    await cancelled(use, use.commit())
    await cancelled(use, use.roll_back())
    await use.commit()
    assert len(set(use.processes)) == 3


async def test_where_nobody_heard_an_answer_nobody_asks_the_next_question(use: Use) -> None:
    await cancelled(use, use.look_up())
    await use.look_up()
    assert len(set(use.processes)) == 2
