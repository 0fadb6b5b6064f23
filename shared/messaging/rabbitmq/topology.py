"""What exists at the broker: an exchange of events, a queue per listening service, and a place for dead letters.

    sparknode.events (topic) ──► sparknode.auth, sparknode.invitations, …        one quorum queue per service
                                       │ after too many deliveries, or by the service itself
    sparknode.dead-letters (direct) ──► sparknode.auth.dead-letters, …            for an operator

Everybody who publishes or listens declares all of it first, so that it does not matter who starts when. Declaring it
again changes nothing. Works with RabbitMQ 3.10 to 4.x.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange
from aio_pika.exceptions import ChannelPreconditionFailed

from shared.contracts.events import Event

DELIVERY_LIMIT = 20
_NO_DELIVERY_LIMIT = 1_000_000_000
"""Looking at a dead letter is a delivery. RabbitMQ 4 drops what was delivered 20 times unless a limit is given, and
RabbitMQ 3 knows no word for "none"."""


class TopologyMismatch(Exception):
    """A queue or exchange exists with other arguments than this release needs; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Topology:
    """The queues by the name of their listener, each with the event types that are led to it.

    ``delivery_limit``: after so many deliveries that ended without an answer, as when the consumer's process died,
    the broker takes an event for poison. ``prefix`` keeps several installations at one virtual host apart.
    """

    queues: Mapping[str, frozenset[str]]
    delivery_limit: int = DELIVERY_LIMIT
    prefix: str = "sparknode"

    @classmethod
    def of(cls, subscriptions: Mapping[str, Iterable[type[Event]]], delivery_limit: int = DELIVERY_LIMIT) -> "Topology":
        """The topology that ``subscriptions`` need."""
        queues = {name: frozenset(event.type for event in events) for name, events in subscriptions.items()}
        return cls(queues, delivery_limit)

    @property
    def events(self) -> str:
        """The exchange that everything is published to; the routing key is the event's type."""
        return f"{self.prefix}.events"

    @property
    def dead_letters(self) -> str:
        """The exchange for what is put aside; the routing key is the listener's name."""
        return f"{self.prefix}.dead-letters"

    def queue_of(self, listener: str) -> str:
        """Where the events of a listening service wait for it."""
        return f"{self.prefix}.{listener}"

    def dead_letters_of(self, listener: str) -> str:
        """Where the events are that the service, or the broker, has put aside."""
        return f"{self.prefix}.{listener}.dead-letters"

    def has_queue_for(self, event_type: str) -> bool:
        """Whether somebody must not miss events of this type."""
        return any(event_type in types for types in self.queues.values())

    async def declare(self, channel: AbstractChannel) -> None:
        """Make what is missing; ``TopologyMismatch``, and the channel is closed, when what is there does not fit."""
        try:
            await self._declare(channel)
        except ChannelPreconditionFailed as error:
            raise TopologyMismatch(
                f"RabbitMQ has something of another kind than this release needs: {error}. If it is a queue, delete "
                "it once it is empty (rabbitmqctl delete_queue -p VHOST NAME), or give EVENTS_DELIVERY_LIMIT the value "
                "that the queue was made with. Until then its events wait."
            ) from error

    async def declare_events(self, channel: AbstractChannel) -> AbstractExchange:
        """The exchange of events by itself, for those with a queue of their own."""
        return await channel.declare_exchange(self.events, ExchangeType.TOPIC, durable=True)

    async def _declare(self, channel: AbstractChannel) -> None:
        dead_letters = await channel.declare_exchange(self.dead_letters, ExchangeType.DIRECT, durable=True)
        events = await self.declare_events(channel)
        for listener, types in self.queues.items():
            parked = await channel.declare_queue(
                self.dead_letters_of(listener),
                durable=True,
                arguments={"x-queue-type": "quorum", "x-delivery-limit": _NO_DELIVERY_LIMIT},
            )
            await parked.bind(dead_letters, listener)
            queue = await channel.declare_queue(
                self.queue_of(listener), durable=True, arguments=self._arguments(listener)
            )
            for event_type in sorted(types):
                await queue.bind(events, event_type)

    def _arguments(self, listener: str) -> dict[str, Any]:
        return {
            "x-queue-type": "quorum",
            # However many replicas listen, one receives: two would overtake each other.
            "x-single-active-consumer": True,
            "x-delivery-limit": self.delivery_limit,
            "x-dead-letter-exchange": self.dead_letters,
            "x-dead-letter-routing-key": listener,
            # Dead letters are handed over with confirms; the broker asks for this overflow behaviour with it.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
