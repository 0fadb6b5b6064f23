"""One transaction that is made of several: what each of them does is saved together, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from shared.database.transaction import Transaction

_OPEN: ContextVar["Joint | None"] = ContextVar("joint transaction", default=None)


@dataclass(slots=True)
class Joint:
    """The open transaction that others become parts of."""

    database: object
    transaction: Transaction
    task: "asyncio.Task[object] | None"
    failed: bool = False

    @asynccontextmanager
    async def part(self, tenant_id: UUID, person: UUID | None) -> AsyncIterator[Transaction]:
        """The transaction, held to ``tenant_id`` and ``person`` while the block lasts."""
        try:
            async with self.transaction.acting_in(tenant_id):
                if person:
                    await self.transaction.act_for(person)
                yield self.transaction
                if person:
                    await self.transaction.act_for(None)
        except BaseException:
            self.failed = True
            raise


def joint_of(database: object) -> Joint | None:
    """What a transaction on ``database`` is to be a part of; nothing in another task, for a connection serves one."""
    joint = _OPEN.get()
    if joint is None or joint.database is not database or joint.task is not asyncio.current_task():
        return None
    return joint


@asynccontextmanager
async def joining(database: object, transaction: Transaction) -> AsyncIterator[None]:
    """Make those that this task opens within the block parts of ``transaction``.

    Whoever passes over the failure of a part gets an error at the end, so that no half of something is saved.
    """
    joint = Joint(database, transaction, asyncio.current_task())
    before = _OPEN.set(joint)
    try:
        yield
    finally:
        _OPEN.reset(before)
    if joint.failed:
        raise RuntimeError("A part of a transaction failed and was passed over: nothing was saved.")
