"""Events for the tests of messaging, numbered, and somebody who writes down what comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from shared.contracts.auth import UserEmailVerified
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from shared.messaging.outbox import tell
from tests.support.databases import DatabaseUrls
from tests.support.waiting import eventually

TENANT = new_id()


def fact(text: str | int, subject: UUID = TENANT) -> UserEmailVerified:
    """Something that happened to ``subject``; ``text`` tells it from others."""
    return UserEmailVerified(user_id=subject, email=str(text))


def text_of(envelope: Envelope) -> str:
    """What ``fact`` was made of, or the name that another event speaks of."""
    return str(envelope.data.get("email") or envelope.data.get("name"))


async def happen(database: Database, *texts: str | int, tenant_id: UUID = TENANT, subject: UUID = TENANT) -> None:
    """All in one transaction."""
    async with database.transaction(tenant_id) as tx:
        await tell(tx, *(fact(text, subject) for text in texts))


async def note(tx: Transaction, event: UserEmailVerified, envelope: Envelope) -> None:
    """The effect: a line in the tenant's notebook."""
    await tx.execute("INSERT INTO notes (tenant_id, text) VALUES ($1, $2)", envelope.tenant_id, event.email)


async def notes(database: Database, tenant_id: UUID = TENANT) -> list[str]:
    """The tenant's notebook."""
    async with database.transaction(tenant_id) as tx:
        return [row["text"] for row in await tx.fetch("SELECT text FROM notes ORDER BY position")]


async def noted(database: Database, texts: list[str], tenant_id: UUID = TENANT, seconds: float = 20) -> None:
    """Return once exactly ``texts`` stand in the tenant's notebook."""
    found: list[str] = []

    async def look() -> bool:
        nonlocal found
        found = await notes(database, tenant_id)
        return found == texts or len(found) > len(texts)

    await eventually(look, f"what makes {texts} of {found}", seconds)
    assert found == texts


async def tell_again(urls: DatabaseUrls) -> None:
    """Have everything carried once more."""
    connection = await asyncpg.connect(urls.owner)
    try:
        await connection.execute("UPDATE outbox SET published_at = NULL")
    finally:
        await connection.close()


@dataclass(slots=True)
class Recorder:
    """A transport that keeps what it is given. ``failures`` times it does so and fails nevertheless, as a broker does
    whose confirmation is lost."""

    failures: int = 0
    seen: list[Envelope] = field(default_factory=list)

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        self.seen += envelopes
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the confirmation is lost")

    @property
    def texts(self) -> list[str]:
        return [text_of(envelope) for envelope in self.seen]
