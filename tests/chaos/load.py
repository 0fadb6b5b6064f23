"""What goes on meanwhile: many transactions of several tenants, each telling something about one of many subjects."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from shared.contracts.auth import JoinedVia, MembershipCreated, UserEmailVerified
from shared.contracts.events import Event
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Database, DatabaseUnavailable, Transaction
from shared.ids import new_id
from shared.messaging.outbox import tell

WRITERS = 4
TENANTS_OF_EACH = 2
SUBJECTS_OF_EACH = 50
MOST_AT_ONCE = 12
AGAIN_SECONDS = 0.2

# Our last transaction may still be under way where our connection was lost.
_ONE_AFTER_ANOTHER = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom events are about; ``numbers`` tell them apart, and are in their order."""

    id: UUID
    tenant_id: UUID
    numbers: "count[int]"

    def next(self, chance: random.Random) -> Event:
        """What happens to it next; a fourth of it the invitations service wants to know too."""
        email = f"{next(self.numbers)}.{self.id.hex}@chaos.example"
        if chance.randrange(4):
            return UserEmailVerified(user_id=self.id, email=email)
        return MembershipCreated(
            user_id=self.id,
            tenant_id=self.tenant_id,
            email=email,
            name="Somebody",
            role=Role.MEMBER,
            status=MembershipStatus.ACTIVE,
            joined_via=JoinedVia.DOMAIN,
        )


@dataclass(slots=True)
class Volume:
    """Writers who tell ``events`` facts in a service's ``database``, never ahead of ``allowed``, and at a ``pace``."""

    database: Database
    chance: random.Random
    events: int
    pace: float
    allowed: int = 0
    told: int = 0
    acknowledged: list[str] = field(default_factory=list)
    _subjects: list[list[Subject]] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        for _ in range(WRITERS):
            tenants = [new_id() for _ in range(TENANTS_OF_EACH)]
            self._subjects.append([Subject(new_id(), t, count()) for t in tenants for _ in range(SUBJECTS_OF_EACH)])

    def allow(self, events: int) -> None:
        """So many in all, from now on."""
        self.allowed = min(events, self.events)
        self._more.set()

    async def run(self) -> None:
        """Return when everything has been told."""
        async with asyncio.TaskGroup() as writers:
            for subjects in self._subjects:
                writers.create_task(self._write(subjects))

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """A transaction with one more event in it; it commits when the block ends."""
        subject = Subject(new_id(), self._subjects[0][0].tenant_id, count())
        async with self._transaction(subject) as tx:
            await tell(tx, UserEmailVerified(user_id=subject.id, email="one more"))
            yield

    async def _write(self, subjects: list[Subject]) -> None:
        while self.told < self.events:
            if self.told >= self.allowed:
                self._more.clear()
                await self._more.wait()
                continue
            subject = self.chance.choice(subjects)
            facts = [subject.next(self.chance) for _ in range(self.chance.randint(1, MOST_AT_ONCE))]
            if await self._commits(subject, facts):
                self.told += len(facts)
                self.acknowledged += [str(fact.model_dump()["email"]) for fact in facts]
                await asyncio.sleep(WRITERS * len(facts) / self.pace)
            else:
                await asyncio.sleep(AGAIN_SECONDS)

    async def _commits(self, subject: Subject, facts: list[Event]) -> bool:
        """Whether we were told that they are saved. If not, they may be all the same."""
        try:
            async with self._transaction(subject) as tx:
                await tell(tx, *facts)
        except DatabaseUnavailable:
            return False
        return True

    @asynccontextmanager
    async def _transaction(self, subject: Subject) -> AsyncIterator[Transaction]:
        async with self.database.transaction(subject.tenant_id) as tx:
            await tx.execute(_ONE_AFTER_ANOTHER, str(subject.id))
            yield tx
