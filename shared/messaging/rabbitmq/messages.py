"""How an event looks as a message: a CloudEvent in structured mode, with what operators want to see beside it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic

from shared.messaging.envelope import Envelope

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
PERSISTENT = 2

# The headers of a dead letter that a service has parked itself. One that the broker parked has `x-death` instead.
REASON = "sparknode-reason"
CONSUMER = "sparknode-consumer"
PARKED_AT = "sparknode-parked-at"
DELIVERIES = "sparknode-deliveries"
ORIGINAL_EXCHANGE = "sparknode-exchange"
ORIGINAL_ROUTING_KEY = "sparknode-routing-key"


def properties_of(envelope: Envelope) -> Basic.Properties:
    """What goes with the bytes of ``envelope``. The type is the routing key, and everything else is inside."""
    return Basic.Properties(content_type=CONTENT_TYPE, delivery_mode=PERSISTENT, message_id=str(envelope.id))


def dead_properties(message: DeliveredMessage, *, consumer: str, reason: str) -> Basic.Properties:
    """What goes with the bytes of a ``message`` that is put aside. The broker's own headers are left behind: they
    would count against the message when it is sent again."""
    was = message.header.properties
    return Basic.Properties(
        content_type=was.content_type,
        delivery_mode=PERSISTENT,
        message_id=was.message_id,
        headers={
            REASON: reason,
            CONSUMER: consumer,
            PARKED_AT: datetime.now(UTC).isoformat(),
            DELIVERIES: deliveries_of(message) + 1,
            ORIGINAL_EXCHANGE: message.exchange,
            ORIGINAL_ROUTING_KEY: type_of(message),
        },
    )


def type_of(message: DeliveredMessage) -> str:
    """What the message was published as, also when it comes from a pile of dead letters."""
    headers: Mapping[str, Any] = message.header.properties.headers or {}
    return str(headers.get(ORIGINAL_ROUTING_KEY) or message.routing_key or "")


def deliveries_of(message: DeliveredMessage) -> int:
    """How often the message was handed out before and came back without an answer, as far as the broker tells.

    Up to RabbitMQ 4.2 ``x-delivery-count`` counts every return; from 4.3 on ``x-acquired-count`` does.
    """
    headers: Mapping[str, Any] = message.header.properties.headers or {}
    counts = (headers.get(name) for name in ("x-delivery-count", "x-acquired-count"))
    return max((count for count in counts if isinstance(count, int)), default=0)
