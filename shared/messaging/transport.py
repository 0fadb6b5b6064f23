"""The seam between the services and whatever carries their events."""

from collections.abc import Sequence
from typing import Protocol

from shared.messaging.envelope import Envelope


class Unacceptable(Exception):
    """An event that can never take effect here, however often it comes."""


class Listener(Protocol):
    """Somebody who wants events."""

    @property
    def name(self) -> str:
        """Unique among all listeners; a broker names the queue after it."""

    @property
    def types(self) -> frozenset[str]:
        """The event types that it wants."""

    async def ready(self) -> None:
        """Return when events can take effect; ``Unavailable`` while what they need is down."""

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        """Let all take effect, in this order and each once however often it comes; on an exception none has.

        Return only when the effects are durable. ``Unavailable`` says that it may work later, another ``Problem``,
        ``ValidationError`` or ``Unacceptable`` that it never will, and any other exception that nobody knows.
        """

    async def park(self, envelope: Envelope, reason: str) -> None:
        """Put aside an event that cannot take effect, where an operator finds it."""


class Transport(Protocol):
    """Carries envelopes at least once, and in order per subject, to every listener."""

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Return when all are safe with the transport. On an exception none counts as published; all come again."""
