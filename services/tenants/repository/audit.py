"""The audit trail."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.tenants.domain.audit import AuditEntry, Place, Wanted
from shared.database import Transaction

_ADD = """
    INSERT INTO audit_events (tenant_id, occurred_at, event_id, action, actor, subject, data, trace_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""
_PAGE = """
    SELECT event_id AS id, tenant_id, occurred_at AS at, action, actor, subject, data, trace_id
      FROM audit_events
     WHERE tenant_id = $1
       AND occurred_at >= coalesce($2, '-infinity'::timestamptz) AND occurred_at < coalesce($3, 'infinity'::timestamptz)
       AND (occurred_at, event_id) < (coalesce($4, 'infinity'::timestamptz),
                                      coalesce($5, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid))
       AND ($6::text IS NULL OR action = $6 OR starts_with(action, $6 || '.'))
       AND ($7::text IS NULL OR coalesce(actor, 'system') = $7)
     ORDER BY occurred_at DESC, event_id DESC LIMIT $8
"""
_MAKE_MONTHS = (
    "SELECT audit_make_month($1::timestamptz + ahead * interval '1 month') FROM generate_series(0, $2::int) AS ahead"
)
_DROP_MONTHS = "SELECT audit_drop_months($1)"
_EMPTY_REST = "DELETE FROM audit_events WHERE occurred_at < date_trunc('month', $1::timestamptz, 'UTC')"


async def add(tx: Transaction, entries: Sequence[AuditEntry]) -> None:
    """Write what happened in the tenant of ``tx``. What is written already stays as it is."""
    rows = [
        (entry.tenant_id, entry.at, entry.id, entry.action, entry.actor, entry.subject, entry.data, entry.trace_id)
        for entry in entries
    ]
    await tx.execute_many(_ADD, rows)


async def page(
    tx: Transaction, tenant_id: UUID, wanted: Wanted, *, after: Place | None, limit: int
) -> list[AuditEntry]:
    """Up to ``limit`` entries, newest first, behind the place ``after``."""
    at, event_id = after or (None, None)
    rows = await tx.fetch(
        _PAGE, tenant_id, wanted.since, wanted.until, at, event_id, wanted.action, wanted.actor, limit
    )
    return [AuditEntry(**row) for row in rows]


async def make_months(across: Transaction, at: datetime, *, ahead: int) -> None:
    """See to it that there is a partition for the month of ``at`` and for each of the next ones."""
    await across.execute(_MAKE_MONTHS, at, ahead)


async def forget(across: Transaction, before: datetime) -> None:
    """Drop the months that were over at ``before``, and what belongs to them in the rest."""
    await across.execute(_DROP_MONTHS, before)
    await across.execute(_EMPTY_REST, before)
