"""The transport of a product that runs in one process: hands events straight to the listeners."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.messaging.envelope import Envelope
from shared.messaging.handling import Patience
from shared.messaging.lanes import Lanes
from shared.messaging.transport import Listener

BATCH = 100
"""As many events share a transaction."""


@dataclass(frozen=True, slots=True)
class InProcessTransport:
    """Publishing returns when every listener has taken, or parked, every event.

    So the relay marks an event as published only after its effects are durable, and a crash in between delivers it
    again: the promise of a broker, without one. Listeners work side by side; each takes the events of one subject in
    order.
    """

    listeners: tuple[Listener, ...]
    patience: Patience = field(default_factory=Patience)

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        deliveries = (self._deliver_all(listener, envelopes) for listener in self.listeners)
        # No listener is stopped because another one failed: what it has taken until then is taken.
        outcomes = await asyncio.gather(*deliveries, return_exceptions=True)
        if failures := [outcome for outcome in outcomes if outcome is not None]:
            raise BaseExceptionGroup("listeners could neither take nor park an event", failures)

    async def _deliver_all(self, listener: Listener, envelopes: Sequence[Envelope]) -> None:
        wanted = [_Handed(envelope, listener) for envelope in envelopes if envelope.type in listener.types]
        async with Lanes(listener, self.patience) as lanes:
            for first in range(0, len(wanted), BATCH):
                await lanes.take(wanted[first : first + BATCH])


@dataclass(frozen=True, slots=True)
class _Handed:
    """An event that the relay is waiting to hear of."""

    envelope: Envelope
    listener: Listener

    def settle(self) -> None:
        """The relay hears of it when all are settled."""

    async def park(self, reason: str) -> None:
        await self.listener.park(self.envelope, reason)
