"""The envelope in which every event travels: its JSON schema, and an example."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contracts.auth import JoinedVia, MembershipCreated
from shared.contracts.tenancy import MembershipStatus, Role
from shared.messaging.envelope import SPEC_VERSION, Envelope

CONTENT_TYPE = "application/cloudevents+json"

ENVELOPE: dict[str, Any] = {
    "title": "Envelope",
    "description": "CloudEvents 1.0, the structured content mode of its JSON format.",
    "type": "object",
    "properties": {
        "specversion": {"const": SPEC_VERSION, "description": "The version of CloudEvents."},
        "id": {
            "type": "string",
            "format": "uuid",
            "description": "The event. It comes at least once; who has seen the id, has seen the event.",
        },
        "source": {"type": "string", "description": "The service that publishes it."},
        "type": {"type": "string", "description": "What happened; also the routing key."},
        "subject": {
            "type": "string",
            "format": "uuid",
            "description": "What it happened to. The events of one source about one subject come in order.",
        },
        "time": {"type": "string", "format": "date-time", "description": "When it happened."},
        "datacontenttype": {"const": "application/json", "description": "What `data` is."},
        "tenantid": {
            "type": "string",
            "format": "uuid",
            "description": "The tenant in which it happened. Who listens acts in this tenant only.",
        },
        "sequence": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "Grows, with gaps, from one event of a source about a subject to the next. What comes with "
            "a smaller one than the last is old news.",
        },
        "traceparent": {"type": "string", "description": "The trace that it belongs to (W3C Trace Context)."},
        "actor": {
            "type": "string",
            "pattern": "^(user|key):[0-9a-f-]{36}$",
            "description": "Who did it, a person or an API key; absent when nobody signed in asked for it.",
        },
        "data": {"type": "object", "description": "The fields of the event. There may be more than you know of."},
    },
    "required": [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "tenantid",
        "sequence",
        "data",
    ],
}


def example() -> str:
    """An envelope with an event in it, as JSON for people."""
    user, tenant = UUID("01998b6e-52c0-7a31-9d3f-0c5a7e1b2d44"), UUID("01998b5f-0f1e-7c02-8a11-b7e39a6d5c10")
    event = MembershipCreated(
        user_id=user,
        tenant_id=tenant,
        email="newuser@example.com",
        name="New User",
        role=Role.MEMBER,
        status=MembershipStatus.ACTIVE,
        joined_via=JoinedVia.INVITATION,
        invitation_id=UUID("01998b6a-9c44-7be0-b6f5-4d2f8e90a173"),
    )
    envelope = Envelope(
        id=UUID("01998b6e-52c4-7f08-a2c9-6e1d3b5f7a92"),
        source="auth",
        type=event.type,
        subject=event.subject,
        time=datetime(2026, 1, 12, 9, 30, 15, 204117, UTC),
        tenant_id=tenant,
        sequence=4711,
        data=event.model_dump(mode="json"),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        actor=f"user:{user}",
    )
    return json.dumps(json.loads(envelope.to_json()), indent=2)
