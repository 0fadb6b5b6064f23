"""Request and response bodies of the audit trail."""

from typing import Any
from uuid import UUID

from pydantic import Field

from services.tenants.domain.audit import AuditEntry, Wanted
from shared.http.models import Answer, Instant, PageQuery, Timestamp


class AuditQuery(PageQuery):
    """Which entries are wanted."""

    action: str | None = Field(
        None,
        pattern=r"^[a-z_]+(\.[a-z_]+)*$",
        max_length=100,
        description="What happened: `membership.created`, or `membership` for all that happens to memberships.",
    )
    actor: str | None = Field(
        None,
        pattern=r"^((user|key):[0-9a-f-]{36}|system)$",
        description="Who did it: `user:<id>`, `key:<id>`, or `system` for what nobody signed in asked for.",
    )
    since: Instant | None = Field(None, description="Nothing before that.")
    until: Instant | None = Field(None, description="Only what is before that.")

    @property
    def wanted(self) -> Wanted:
        """What the use case is told."""
        return Wanted(self.action, self.actor, self.since, self.until)


class AuditAnswer(Answer):
    """Something that happened in the tenant."""

    id: UUID
    at: Timestamp
    action: str
    actor: str | None = Field(description="`user:<id>`, `key:<id>`, or null.")
    subject: UUID = Field(description="What it happened to.")
    data: dict[str, Any] = Field(description="The fields of the event, as docs/events.md describes them.")
    trace_id: str | None

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditAnswer":
        """All but whose it is, which goes without saying."""
        return cls(
            id=entry.id,
            at=entry.at,
            action=entry.action,
            actor=entry.actor,
            subject=entry.subject,
            data=entry.data,
            trace_id=entry.trace_id,
        )
