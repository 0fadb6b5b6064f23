"""Memberships that auth tells of, and when they have arrived in invitations."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from cli.embedded.databases import DatabaseUrls
from shared.contracts.auth import JoinedVia, MembershipCreated
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Database
from shared.ids import new_id
from shared.messaging.outbox import tell
from tests.support.connections import connected
from tests.support.waiting import eventually

TENANTS = tuple(new_id() for _ in range(20))
WRITERS = 4
ARRIVED_SECONDS = 50.0

_ARRIVED = "SELECT count(*) >= $1 FROM members WHERE email LIKE 'somebody.%'"
_EFFECTS = """
    SELECT user_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS at
      FROM members WHERE email LIKE 'somebody.%'
"""
_FORGET = "DELETE FROM members WHERE email LIKE 'somebody.%'"


def memberships(count: int, tenant_id: UUID) -> list[MembershipCreated]:
    """Facts about people who have just come in."""
    return [_membership(new_id(), tenant_id) for _ in range(count)]


def _membership(user_id: UUID, tenant_id: UUID) -> MembershipCreated:
    return MembershipCreated(
        user_id=user_id,
        tenant_id=tenant_id,
        email=f"somebody.{user_id.hex}@company.example",
        name="Somebody Somewhere",
        role=Role.MEMBER,
        status=MembershipStatus.ACTIVE,
        joined_via=JoinedVia.DOMAIN,
    )


@dataclass(frozen=True, slots=True)
class Teller:
    """Commits events to auth's outbox, as its use cases do."""

    database: Database

    async def tell(self, count: int, tenant_id: UUID) -> dict[UUID, float]:
        """In one transaction of a tenant. Who was told of, and when the commit returned."""
        events = memberships(count, tenant_id)
        async with self.database.transaction(tenant_id) as tx:
            await tell(tx, *events)
        return dict.fromkeys((event.user_id for event in events), time.time())

    async def tell_all(self, count: int, together: int) -> None:
        """As fast as it goes, ``together`` in each transaction."""
        transactions = iter(range(count // together))

        async def write() -> None:
            for number in transactions:
                await self.tell(together, TENANTS[number % len(TENANTS)])

        await asyncio.gather(*(write() for _ in range(WRITERS)))

    async def tell_at(self, rate: float, count: int) -> dict[UUID, float]:
        """One in each transaction, ``rate`` per second, whether or not the ones before have come back."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as tellers:
            told = []
            for number in range(count):
                await asyncio.sleep(began + number / rate - time.monotonic())
                told.append(tellers.create_task(self.tell(1, TENANTS[number % len(TENANTS)])))
        return {user: at for each in told for user, at in each.result().items()}


@asynccontextmanager
async def telling(auth: DatabaseUrls) -> AsyncIterator[Teller]:
    """Somebody who may."""
    database = await Database.open("auth", auth.serving, auth.look_up)
    try:
        yield Teller(database)
    finally:
        await database.close()


async def arrived(invitations: DatabaseUrls, count: int) -> dict[UUID, float]:
    """When each of ``count`` members was committed there, by the clock of this machine; then they are forgotten."""
    async with connected(invitations.owner) as connection:

        async def all_there() -> bool:
            return bool(await connection.fetchval(_ARRIVED, count))

        await eventually(all_there, f"the effect of {count} events", ARRIVED_SECONDS, every=0.1)
        effects = {row["user_id"]: row["at"] for row in await connection.fetch(_EFFECTS)}
        await connection.execute(_FORGET)
    return effects
