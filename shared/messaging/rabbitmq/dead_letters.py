"""The dead letters at the broker: looking through them changes nothing; each can be sent again, or discarded."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiormq.abc import AbstractChannel, DeliveredMessage
from pamqp.commands import Basic

from shared.errors import Conflict
from shared.messaging.dead_letters import DeadLetter, Place
from shared.messaging.envelope import Envelope, MalformedEnvelope
from shared.messaging.rabbitmq.connection import Connection
from shared.messaging.rabbitmq.inspection import look_at
from shared.messaging.rabbitmq.messages import (
    CONTENT_TYPE,
    DELIVERIES,
    ORIGINAL_ROUTING_KEY,
    PARKED_AT,
    PERSISTENT,
    REASON,
)
from shared.messaging.rabbitmq.topology import Topology

MOST_IN_HAND = 10_000
"""As many are held at once, which bounds our memory. More than that may be there; they come after those."""

SILENCE_SECONDS = 5.0
"""The broker says nothing for so long: somebody else has the rest in hand."""

LOOK_AGAIN_SECONDS = 0.02

_NAMELESS = "sha256:"
"""What the id of a message begins with that came without one, so that it can be named nevertheless."""


class InOtherHands(Conflict):
    """Somebody is looking through the same dead letters."""

    code = "in_other_hands"
    detail = "Another program has these dead letters in hand. Try again when it is done."


@dataclass(slots=True)
class Hand:
    """The dead letters that one has in hand, in their order. What is neither sent again nor discarded goes back to
    where it was when the hand opens."""

    channel: AbstractChannel
    topology: Topology
    consumer: str
    count: int
    _came: "asyncio.Queue[DeliveredMessage]" = field(default_factory=asyncio.Queue)
    _tags: dict[str, list[int]] = field(default_factory=dict)
    _held: int = 0

    async def letters(self) -> AsyncIterator[DeadLetter]:
        """Those that were there at the beginning, oldest first; ``MOST_IN_HAND`` of those that are kept."""
        if not self.count:
            return
        await self.channel.basic_qos(prefetch_count=min(self.count, MOST_IN_HAND))
        await self.channel.basic_consume(self.topology.dead_letters_of(self.consumer), self._came.put)
        for _ in range(self.count):
            if self._held >= MOST_IN_HAND:
                return
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    message = await self._came.get()
            except TimeoutError:
                return
            letter = letter_of(message, self.consumer, self.topology.delivery_limit)
            self._tags.setdefault(letter.id, []).append(message.delivery_tag or 0)
            self._held += 1
            yield letter

    async def replay(self, letter: DeadLetter) -> None:
        """Put it into the queue of its consumer, and of no other; remove it here when it is safe there.

        A death in between leaves it in both places, and the consumer takes it in once.
        """
        named = None if letter.id.startswith(_NAMELESS) else letter.id
        properties = Basic.Properties(
            content_type=CONTENT_TYPE,
            delivery_mode=PERSISTENT,
            message_id=named,
            headers={ORIGINAL_ROUTING_KEY: letter.type},
        )
        queue = self.topology.queue_of(self.consumer)
        await self.channel.basic_publish(letter.body, routing_key=queue, properties=properties, mandatory=True)
        await self.discard(letter)

    async def discard(self, letter: DeadLetter) -> None:
        """Remove it for good."""
        await self.channel.basic_ack(self._tags[letter.id].pop(0))
        self._held -= 1


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """Those that ``consumer`` has put aside, or the broker on its behalf."""

    connection: Connection
    topology: Topology
    consumer: str

    @asynccontextmanager
    async def in_hand(self) -> AsyncIterator[Hand]:
        """Have them in hand while the block lasts; ``InOtherHands`` when somebody else has."""
        count = await self._count()
        channel = await self.connection.channel(on_return_raises=True)
        try:
            yield Hand(await channel.get_underlay_channel(), self.topology, self.consumer, count)
        finally:
            with suppress(Exception):  # it may be gone with its connection
                await channel.close()

    async def _count(self) -> int:
        """How many there are. The broker takes back what the last one had in hand, and lets go of their subscription,
        a moment after they are gone; until then it counts too few."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE_SECONDS):
                while found := await look_at(self.connection, self.topology.dead_letters_of(self.consumer)):
                    if found.consumers == 0:
                        return found.ready
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
                return 0
        raise InOtherHands


def letter_of(message: DeliveredMessage, consumer: str, delivery_limit: int) -> DeadLetter:
    """What a message in a queue of dead letters says: in our own headers, or in those of a broker that parked it."""
    properties = message.header.properties
    headers: Mapping[str, Any] = properties.headers or {}
    death = _death(headers)
    try:
        kind = Envelope.from_json(message.body).type
    except MalformedEnvelope:
        kind = str(headers.get(ORIGINAL_ROUTING_KEY) or next(iter(death.get("routing-keys", ())), ""))
    by_limit = death.get("reason") == "delivery_limit"
    return DeadLetter(
        id=properties.message_id or f"{_NAMELESS}{hashlib.sha256(message.body).hexdigest()[:32]}",
        consumer=consumer,
        place=Place.QUEUE,
        type=kind,
        reason=str(headers.get(REASON) or f"The broker put it aside: {death.get('reason', 'it does not say why')}."),
        parked_at=_parked_at(headers, death),
        deliveries=headers.get(DELIVERIES) or (delivery_limit + 1 if by_limit else None),
        body=message.body,
    )


def _death(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    deaths = headers.get("x-death")
    return deaths[0] if isinstance(deaths, list) and deaths and REASON not in headers else {}


def _parked_at(headers: Mapping[str, Any], death: Mapping[str, Any]) -> datetime | None:
    if told := headers.get(PARKED_AT):
        return datetime.fromisoformat(str(told))
    at = death.get("time")
    return at.astimezone(UTC) if isinstance(at, datetime) else None
