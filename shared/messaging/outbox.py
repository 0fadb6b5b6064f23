"""Telling the other services: events are written in the transaction of the change that they report."""

from asyncpg import Record

from shared.actor import current_actor
from shared.clock import Clock, utc_now
from shared.contracts.events import Event
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from shared.trace import current_trace

_ADD = """
    INSERT INTO outbox (id, tenant_id, type, subject, occurred_at, data, traceparent, actor)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def tell(tx: Transaction, *events: Event, clock: Clock = utc_now) -> None:
    """Publish ``events`` if, and only if, ``tx`` commits; in this order among themselves.

    To keep the order of one subject across transactions, lock its row before telling.
    """
    if tx.tenant_id is None:
        raise ValueError("events are told in the transaction of a tenant")
    now, trace, actor = clock(), current_trace(), current_actor()
    rows = [
        (new_id(), tx.tenant_id, event.type, event.subject, now, event.model_dump(mode="json"), trace, actor)
        for event in events
    ]
    await tx.execute_many(_ADD, rows)


def envelope_of(row: Record, source: str) -> Envelope:
    """The envelope of an outbox row; its position serves as the sequence: rows of one subject follow each other."""
    return Envelope(
        id=row["id"],
        source=source,
        type=row["type"],
        subject=row["subject"],
        time=row["occurred_at"],
        tenant_id=row["tenant_id"],
        sequence=row["position"],
        data=row["data"],
        traceparent=row["traceparent"],
        actor=row["actor"],
    )
