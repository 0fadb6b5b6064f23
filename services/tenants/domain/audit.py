"""What has happened in a tenant, as its admins read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One event. ``actor`` is ``user:<id>``, ``key:<id>``, or nobody who was signed in."""

    id: UUID
    tenant_id: UUID
    at: datetime
    action: str
    actor: str | None
    subject: UUID
    data: dict[str, Any]
    trace_id: str | None

    @property
    def place(self) -> "Place":
        """Where it stands in the trail."""
        return self.at, self.id


Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: from ``since`` until before ``until``. ``action`` may be the first words of what it names; the
    ``actor`` ``system`` is nobody who was signed in."""

    action: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def action_of(event_type: str) -> str:
    """``auth.membership.created.v1`` is ``membership.created`` to whoever reads of it."""
    return ".".join(event_type.split(".")[1:-1])
