"""docs/asyncapi.json: the events, for programs, as an AsyncAPI 3.0 document."""

from collections.abc import Sequence
from typing import Any

from cli.catalogue.entry import Entry
from cli.catalogue.envelope import CONTENT_TYPE, ENVELOPE

EXCHANGE = "sparknode.events"
_BINDING = "0.3.0"

Json = dict[str, Any]


def document(catalogue: Sequence[Entry]) -> Json:
    """A channel per type of event, and an operation for everybody who tells or hears it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "SparkNode identity: events",
            "version": "1",
            "description": "What the services tell each other. Every type has its version in its name, and only ever "
            "gains optional fields. For people: events.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": _broker()},
        "channels": {entry.type: _channel(entry) for entry in catalogue},
        "operations": {name: operation for entry in catalogue for name, operation in _operations(entry)},
        "components": {
            "messages": {entry.type: _message(entry) for entry in catalogue},
            "schemas": {"Envelope": ENVELOPE, **{entry.type: entry.schema for entry in catalogue}},
        },
    }


def _broker() -> Json:
    return {
        "host": "{host}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ, as AMQP_URL names it.",
        "variables": {"host": {"default": "localhost:5672"}},
    }


def _channel(entry: Entry) -> Json:
    exchange = {"name": EXCHANGE, "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": entry.type,
        "messages": {"event": {"$ref": f"#/components/messages/{entry.type}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": _BINDING}},
    }


def _operations(entry: Entry) -> list[tuple[str, Json]]:
    told = {"deliveryMode": 2, "mandatory": True}
    return [
        (f"{entry.publisher}.tells.{entry.type}", _operation(entry, entry.publisher, "send", told)),
        *(
            (f"{listener}.hears.{entry.type}", _operation(entry, listener, "receive", {"ack": True}))
            for listener in entry.listeners
        ),
    ]


def _operation(entry: Entry, who: str, action: str, binding: Json) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{entry.type}"},
        "messages": [{"$ref": f"#/channels/{entry.type}/messages/event"}],
        "tags": [{"name": who}],
        "bindings": {"amqp": {**binding, "bindingVersion": _BINDING}},
    }


def _message(entry: Entry) -> Json:
    members = {
        "type": {"const": entry.type},
        "source": {"const": entry.publisher},
        "data": {"$ref": f"#/components/schemas/{entry.type}"},
    }
    return {
        "name": entry.event.__name__,
        "summary": entry.summary,
        "description": f"{entry.description}\n\nSubject: `{entry.subject}`.",
        "payload": {"allOf": [{"$ref": "#/components/schemas/Envelope"}, {"type": "object", "properties": members}]},
    }
