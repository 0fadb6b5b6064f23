"""How a service takes in the events of others: once each, in the transaction of the effect."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from structlog.contextvars import bound_contextvars

from shared.actor import acting_for
from shared.contracts.events import Event
from shared.database import Database, Transaction
from shared.messaging.envelope import Envelope
from shared.messaging.transport import Unacceptable
from shared.trace import continue_trace

E_co = TypeVar("E_co", bound=Event, covariant=True)
E = TypeVar("E", bound=Event)

# The ids as text: of arrays of other types the driver asks the server first, on each new connection, for ten times as
# long as all of this takes.
_SEE = """
    INSERT INTO inbox (event_id, tenant_id) SELECT event_id::uuid, $2 FROM unnest($1::text[]) AS event_id
    ON CONFLICT DO NOTHING RETURNING event_id
"""
# Changes nothing; but a server that only reads, because it is the first no longer or not yet, refuses it.
_COULD_SEE = "INSERT INTO inbox (event_id, tenant_id) SELECT event_id, tenant_id FROM inbox WHERE false"
_PARK = """
    INSERT INTO dead_letters (event_id, tenant_id, envelope, reason) VALUES ($1, $2, $3::text::jsonb, $4)
    ON CONFLICT (event_id) DO UPDATE SET reason = excluded.reason, parked_at = now()
"""


@dataclass(frozen=True, slots=True)
class Letter(Generic[E_co]):
    """An event that was read: what it says, on which envelope, and who does something about it."""

    event: E_co
    envelope: Envelope
    handler: "Handler"

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """What is told while the block lasts belongs to the event's trace, and is its actor's doing; log lines name the
        event."""
        envelope = self.envelope
        continue_trace(envelope.traceparent)
        names = {"event_id": str(envelope.id), "tenant_id": str(envelope.tenant_id)}
        with acting_for(envelope.actor), bound_contextvars(**names):
            yield


@dataclass(frozen=True, slots=True)
class Handler:
    """What a service does about one type of event."""

    event: type[Event]
    effect: Callable[[Transaction, Sequence[Letter[Any]]], Awaitable[None]]


def on(event: type[E], effect: Callable[[Transaction, E, Envelope], Awaitable[None]]) -> Handler:
    """Let ``effect`` happen for each ``event``, in the transaction that it is given."""

    async def one_by_one(tx: Transaction, letters: Sequence[Letter[E]]) -> None:
        for letter in letters:
            with letter.at_hand():
                await effect(tx, letter.event, letter.envelope)

    return Handler(event, one_by_one)


def on_many(event: type[E], effect: Callable[[Transaction, Sequence[Letter[E]]], Awaitable[None]]) -> Handler:
    """Let ``effect`` happen for events of this type that came in a row, all of one tenant and in their order.

    For types that come by the thousand: a statement for all of them takes little longer than one for each. The same
    subject may be among them several times. What is told because of one is told with its letter ``at_hand``.
    """
    return Handler(event, effect)


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
        async with self.database.single_call() as serving:
            await serving.execute(_COULD_SEE)

    async def handle(self, envelope: Envelope) -> None:
        """``handle_all`` for a single event."""
        await self.handle_all([envelope])

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        """Run the handlers, each in the tenant of its event, unless the event has taken effect before."""
        letters = [self._read(envelope) for envelope in envelopes]
        async with self.database.transaction(envelopes[0].tenant_id) as tx:
            for tenant_id, theirs in _by_tenant(letters):
                await tx.enter(tenant_id)
                for handler, run in groupby(await _unseen(tx, theirs), key=attrgetter("handler")):
                    await handler.effect(tx, list(run))

    async def park(self, envelope: Envelope, reason: str) -> None:
        async with self.database.transaction(envelope.tenant_id) as tx:
            await tx.execute(_PARK, envelope.id, envelope.tenant_id, envelope.to_json().decode(), reason)

    def _read(self, envelope: Envelope) -> Letter[Event]:
        handler = next((handler for handler in self.handlers if handler.event.type == envelope.type), None)
        if handler is None:
            raise Unacceptable(f"{self.name} has no handler for {envelope.type}.")
        event = handler.event.model_validate(envelope.data)
        if getattr(event, "tenant_id", envelope.tenant_id) != envelope.tenant_id:
            raise Unacceptable("The event speaks of another tenant than its envelope.")
        return Letter(event, envelope, handler)


def _by_tenant(letters: Sequence[Letter[Event]]) -> Iterator[tuple[UUID, list[Letter[Event]]]]:
    """The letters by tenant, each still behind all earlier ones of its subject."""
    groups: dict[UUID, list[Letter[Event]]] = {}
    tenant_of: dict[UUID, UUID] = {}
    for letter in letters:
        tenant_id = letter.envelope.tenant_id
        if tenant_of.setdefault(letter.envelope.subject, tenant_id) != tenant_id:
            yield from groups.items()
            groups, tenant_of = {}, {letter.envelope.subject: tenant_id}
        groups.setdefault(tenant_id, []).append(letter)
    yield from groups.items()


async def _unseen(tx: Transaction, letters: Sequence[Letter[Event]]) -> list[Letter[Event]]:
    """Those whose events have not taken effect; from now on they have, if the transaction commits."""
    once = {letter.envelope.id: letter for letter in letters}
    unseen = {row["event_id"] for row in await tx.fetch(_SEE, [str(event_id) for event_id in once], tx.tenant_id)}
    return [letter for event_id, letter in once.items() if event_id in unseen]
