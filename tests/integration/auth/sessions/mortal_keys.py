"""A program that changes signing keys, and is killed at the very step that it is told.

It reads an order from each line, and lets a process of its own carry it out, which costs less than to start anew.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from asyncpg import Record

from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.sealing import KeySealer
from shared.clock import utc_now
from shared.database import Database, Transaction

AGE = timedelta(days=90)


class MortalTransaction(Transaction):
    """Each statement is a step."""

    async def execute(self, sql: str, *arguments: Any) -> int:
        MortalDatabase.step()
        return await super().execute(sql, *arguments)

    async def fetch(self, sql: str, *arguments: Any) -> list[Record]:
        MortalDatabase.step()
        return await super().fetch(sql, *arguments)


class MortalDatabase(Database):
    """The beginning, the commit, and what comes after it are steps, too. SIGKILL comes before the step ``last``."""

    last: ClassVar[int]
    steps: ClassVar["count[int]"]

    @classmethod
    def step(cls) -> None:
        if next(cls.steps) == cls.last:
            os.kill(os.getpid(), signal.SIGKILL)

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID, person: UUID | None = None) -> AsyncIterator[Transaction]:
        self.step()
        async with Database.transaction(self, tenant_id, person) as tx:
            yield MortalTransaction(tx._lent, tx.database, tx.tenant_id)
            self.step()
        self.step()


async def carry_out(keeping: KeyKeeping, order: dict[str, Any]) -> None:
    """Do to the keys what is ordered."""
    match order["act"]:
        case "begin":
            await keeping.begin()
        case "rotate":
            await keeping.rotate()
        case "turn over":
            await keeping.turn_over(AGE)
        case "revoke":
            await keeping.revoke(order["kid"])
        case "rewrap":
            await keeping.rewrap()


async def live(urls: list[str], order: dict[str, Any]) -> None:
    """Do it, up to the step that is the last."""
    MortalDatabase.last, MortalDatabase.steps = order["last"], count()

    def clock() -> datetime:
        return utc_now() + timedelta(seconds=order["ahead"])

    database = await MortalDatabase.open("auth", *urls, size=1)
    await carry_out(KeyKeeping(database, KeySealer.from_secret(*order["secrets"]), clock), order)
    await database.close()


def main() -> None:
    """Answer each order with how its process ended: 0, or the number of the signal, negative."""
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            asyncio.run(live(sys.argv[1:], json.loads(line)))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
