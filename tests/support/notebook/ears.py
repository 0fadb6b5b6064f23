"""Listeners of the tests: a notebook that fails as it is told, and one that only remembers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.clock import utc_now
from shared.contracts.auth import UserEmailVerified
from shared.database import Database, Transaction
from shared.errors import Unavailable
from shared.ids import new_id
from shared.messaging.consumer import Consumer, on
from shared.messaging.envelope import Envelope
from tests.support.notebook.facts import TENANT, fact, note, text_of


def a_letter(text: str, subject: UUID = TENANT) -> Envelope:
    """A fact on its way."""
    data = fact(text, subject).model_dump(mode="json")
    return Envelope(new_id(), "auth", UserEmailVerified.type, subject, utc_now(), TENANT, 1, data)


def a_notebook(database: Database, name: str = "notebook") -> Consumer:
    """Writes down what it hears."""
    return Consumer(name, database, (on(UserEmailVerified, note),))


def a_moody_notebook(database: Database, mood: Callable[[str], Awaitable[None]], name: str = "notebook") -> Consumer:
    """Writes down what it hears, unless ``mood``, asked about its text, raises something."""

    async def note_in_that_mood(tx: Transaction, event: UserEmailVerified, envelope: Envelope) -> None:
        await mood(event.email)
        await note(tx, event, envelope)

    return Consumer(name, database, (on(UserEmailVerified, note_in_that_mood),))


@dataclass(slots=True)
class Ear:
    """Remembers what it heard; ``failures`` are raised one after another, each time the event with that text comes."""

    name: str = "ear"
    types: frozenset[str] = frozenset({UserEmailVerified.type})
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    heard: list[Envelope] = field(default_factory=list)
    tried: int = 0
    parked: list[tuple[str, str]] = field(default_factory=list)

    async def ready(self) -> None:
        """Always."""

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        self.tried += 1
        for envelope in envelopes:
            if failures := self.failures.get(text_of(envelope)):
                raise failures.pop(0)
        await asyncio.sleep(0)
        self.heard += envelopes

    async def park(self, envelope: Envelope, reason: str) -> None:
        self.parked.append((text_of(envelope), reason))

    @property
    def texts(self) -> list[str]:
        """What it heard, each event as often as it came."""
        return [text_of(envelope) for envelope in self.heard]


@dataclass(frozen=True, slots=True)
class Away:
    """A listener whose database is away until it ``is_back``."""

    consumer: Consumer
    is_back: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return self.consumer.name

    @property
    def types(self) -> frozenset[str]:
        return self.consumer.types

    async def ready(self) -> None:
        if not self.is_back.is_set():
            raise Unavailable

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        await self.ready()
        await self.consumer.handle_all(envelopes)

    async def park(self, envelope: Envelope, reason: str) -> None:
        await self.consumer.park(envelope, reason)
