"""How a service takes in the events of others: once each, in the transaction of the effect."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from structlog.contextvars import bind_contextvars, unbind_contextvars

from shared.contracts.events import Event
from shared.database import Database, Transaction
from shared.messaging.envelope import Envelope
from shared.messaging.transport import Unacceptable
from shared.trace import continue_trace

E = TypeVar("E", bound=Event)

_SEE = """
    INSERT INTO inbox (event_id, tenant_id) SELECT event_id, $2 FROM unnest($1::uuid[]) AS event_id
    ON CONFLICT DO NOTHING RETURNING event_id
"""
_PARK = """
    INSERT INTO dead_letters (event_id, tenant_id, envelope, reason) VALUES ($1, $2, $3::text::jsonb, $4)
    ON CONFLICT (event_id) DO UPDATE SET reason = excluded.reason, parked_at = now()
"""


@dataclass(frozen=True, slots=True)
class Handler:
    """What a service does about one type of event."""

    event: type[Event]
    effect: Callable[[Transaction, Any, Envelope], Awaitable[None]]


def on(event: type[E], effect: Callable[[Transaction, E, Envelope], Awaitable[None]]) -> Handler:
    """Let ``effect`` happen for each ``event``, in the transaction that it is given."""
    return Handler(event, effect)


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that was read: what it says, on which envelope, and who does something about it."""

    envelope: Envelope
    event: Event
    handler: Handler


@dataclass(frozen=True, slots=True)
class Consumer:
    """The listener of one service with a database."""

    name: str
    database: Database
    handlers: tuple[Handler, ...]

    @property
    def types(self) -> frozenset[str]:
        return frozenset(handler.event.type for handler in self.handlers)

    async def ready(self) -> None:
        await self.database.ping()

    async def handle(self, envelope: Envelope) -> None:
        """``handle_all`` for a single event."""
        await self.handle_all([envelope])

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        """Run the handlers, each in the tenant of its event, unless the event has taken effect before."""
        letters = [self._read(envelope) for envelope in envelopes]
        async with self.database.transaction(envelopes[0].tenant_id) as tx:
            for tenant_id, theirs in _by_tenant(letters):
                await tx.enter(tenant_id)
                for letter in await _unseen(tx, theirs):
                    await _take_effect(tx, letter)

    async def park(self, envelope: Envelope, reason: str) -> None:
        async with self.database.transaction(envelope.tenant_id) as tx:
            await tx.execute(_PARK, envelope.id, envelope.tenant_id, envelope.to_json().decode(), reason)

    def _read(self, envelope: Envelope) -> Letter:
        handler = next((handler for handler in self.handlers if handler.event.type == envelope.type), None)
        if handler is None:
            raise Unacceptable(f"{self.name} has no handler for {envelope.type}.")
        event = handler.event.model_validate(envelope.data)
        if getattr(event, "tenant_id", envelope.tenant_id) != envelope.tenant_id:
            raise Unacceptable("The event speaks of another tenant than its envelope.")
        return Letter(envelope, event, handler)


def _by_tenant(letters: Sequence[Letter]) -> Iterator[tuple[UUID, list[Letter]]]:
    """The letters by tenant, each still behind all earlier ones of its subject."""
    groups: dict[UUID, list[Letter]] = {}
    tenant_of: dict[UUID, UUID] = {}
    for letter in letters:
        tenant_id = letter.envelope.tenant_id
        if tenant_of.setdefault(letter.envelope.subject, tenant_id) != tenant_id:
            yield from groups.items()
            groups, tenant_of = {}, {letter.envelope.subject: tenant_id}
        groups.setdefault(tenant_id, []).append(letter)
    yield from groups.items()


async def _unseen(tx: Transaction, letters: Sequence[Letter]) -> list[Letter]:
    """Those whose events have not taken effect; from now on they have, if the transaction commits."""
    once = {letter.envelope.id: letter for letter in letters}
    unseen = {row["event_id"] for row in await tx.fetch(_SEE, list(once), tx.tenant_id)}
    return [letter for event_id, letter in once.items() if event_id in unseen]


async def _take_effect(tx: Transaction, letter: Letter) -> None:
    envelope = letter.envelope
    continue_trace(envelope.traceparent)
    bind_contextvars(event_id=str(envelope.id), tenant_id=str(envelope.tenant_id))
    try:
        await letter.handler.effect(tx, letter.event, envelope)
    finally:
        unbind_contextvars("event_id", "tenant_id")
