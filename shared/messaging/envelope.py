"""The wrapping of an event on its way: a CloudEvents 1.0 envelope in JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic_core import from_json, to_json

SPEC_VERSION = "1.0"


class MalformedEnvelope(ValueError):
    """These bytes are no envelope of ours; delivering them again will not help."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with its address.

    ``sequence`` grows with every event of one ``subject``, with gaps. ``tenant_id`` is the tenant in which the fact
    happened; consumers act in that tenant only. ``actor`` is who did it (``Caller.actor``), where that is known.
    """

    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    tenant_id: UUID
    sequence: int
    data: dict[str, Any]
    traceparent: str | None = None
    actor: str | None = None

    def to_json(self) -> bytes:
        """The structured content mode of CloudEvents' JSON format (section 3); ``tenantid``, ``sequence``,
        ``traceparent`` and ``actor`` are extension attributes."""
        attributes: dict[str, Any] = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "tenantid": self.tenant_id,
            "sequence": str(self.sequence),
            "data": self.data,
        }
        if self.traceparent:
            attributes["traceparent"] = self.traceparent
        if self.actor:
            attributes["actor"] = self.actor
        return to_json(attributes)

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        """Read what ``to_json`` wrote; ``MalformedEnvelope`` for anything else."""
        try:
            attributes = from_json(body)
            if attributes["specversion"] != SPEC_VERSION or not isinstance(attributes["data"], dict):
                raise MalformedEnvelope("not a CloudEvents 1.0 envelope with an object as data")
            time = datetime.fromisoformat(attributes["time"])
            if time.tzinfo is None:
                raise MalformedEnvelope("a time without its offset says nothing (RFC 3339)")
            return cls(
                id=UUID(attributes["id"]),
                source=attributes["source"],
                type=attributes["type"],
                subject=UUID(attributes["subject"]),
                time=time,
                tenant_id=UUID(attributes["tenantid"]),
                sequence=int(attributes["sequence"]),
                data=attributes["data"],
                traceparent=attributes.get("traceparent"),
                actor=attributes.get("actor"),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MalformedEnvelope(f"not an envelope: {error}") from error
