"""Writing down what has happened, whoever tells of it."""

from collections.abc import Sequence

from services.tenants.domain.audit import AuditEntry, action_of
from services.tenants.repository import audit
from shared.contracts.events import Event
from shared.database import Transaction
from shared.messaging.consumer import Letter


async def record_events(tx: Transaction, letters: Sequence[Letter[Event]]) -> None:
    """Each event once, with the fields that its contract names and no others."""
    await audit.add(tx, [_entry(letter) for letter in letters])


def _entry(letter: Letter[Event]) -> AuditEntry:
    envelope = letter.envelope
    return AuditEntry(
        id=envelope.id,
        tenant_id=envelope.tenant_id,
        at=envelope.time,
        action=action_of(envelope.type),
        actor=envelope.actor,
        subject=envelope.subject,
        data=letter.event.model_dump(mode="json"),
        trace_id=envelope.traceparent.split("-")[1] if envelope.traceparent else None,
    )
