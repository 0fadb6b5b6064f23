"""Lets events take effect in a listener, and decides what a failure means: again, later, or never."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from pydantic import ValidationError

from shared.clock import utc_now
from shared.errors import Problem, Unavailable
from shared.messaging.backoff import Backoff
from shared.messaging.envelope import Envelope
from shared.messaging.metrics import DEAD_LETTERS, DELAY_SECONDS, HANDLE_SECONDS, HANDLED, RETRIES
from shared.messaging.reasons import reason_of
from shared.messaging.transport import Listener, Unacceptable

log = structlog.get_logger(__name__)


class Delivery(Protocol):
    """An event that a transport has brought to a listener."""

    @property
    def envelope(self) -> Envelope:
        """The event."""

    def settle(self) -> None:
        """It has taken effect, or is parked: it need not come again."""

    async def park(self, reason: str) -> None:
        """Put it aside for an operator; return when it is safe there."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an event is tried: ``attempts`` times when nobody knows why it fails.

    An outage of what the listener depends on is waited for without counting, ``outage`` seconds at most.
    """

    attempts: int = 5
    first_delay: float = 0.05
    longest_delay: float = 5.0
    outage: float = float("inf")

    def backoff(self) -> Backoff:
        """The delays between attempts."""
        return Backoff(self.first_delay, self.longest_delay)


class Outage(Exception):
    """What the listener depends on has been away for longer than the patience for it."""


@dataclass(slots=True)
class Trial:
    """How it went with one event so far."""

    delivery: Delivery
    attempts: int = 0
    failures: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """Seconds since the first attempt."""
        return time.monotonic() - self.since


@dataclass(frozen=True, slots=True)
class Handling:
    """What happens to the events of one listener."""

    listener: Listener
    patience: Patience

    async def settles_all(self, deliveries: Sequence[Delivery]) -> bool:
        """Try them in one go; whether that worked. If not, nothing has happened."""
        try:
            await self._handle(deliveries)
        except Exception as error:  # noqa: BLE001 - whatever it is, it shows again when each is tried by itself
            log.info("events tried one by one", consumer=self.listener.name, reason=reason_of(error))
            return False
        return True

    async def settles(self, trial: Trial) -> bool:
        """Try an event; ``False`` when it has to be tried again. What can never work is parked.

        ``Outage`` when the patience for that is over.
        """
        trial.attempts += 1
        try:
            await self._handle([trial.delivery])
        except Unavailable as error:
            self._note(trial, error)
            if trial.age > self.patience.outage:
                raise Outage(reason_of(error)) from error
            return False
        except (Problem, ValidationError, Unacceptable) as error:
            await self._park(trial.delivery, error)
        except Exception as error:  # noqa: BLE001 - a listener may fail in any way; the event must not be lost with it
            trial.failures += 1
            if trial.failures < self.patience.attempts:
                self._note(trial, error)
                return False
            await self._park(trial.delivery, error)
        return True

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        envelopes = [delivery.envelope for delivery in deliveries]
        name = self.listener.name
        with HANDLE_SECONDS.labels(name).time():
            await self.listener.handle_all(envelopes)
        for delivery in deliveries:
            delivery.settle()
        HANDLED.labels(name).inc(len(deliveries))
        now, delay = utc_now(), DELAY_SECONDS.labels(name)
        for envelope in envelopes:
            delay.observe((now - envelope.time).total_seconds())

    def _note(self, trial: Trial, error: Exception) -> None:
        envelope = trial.delivery.envelope
        RETRIES.labels(self.listener.name, envelope.type).inc()
        if trial.attempts & (trial.attempts - 1):
            return  # only the first, second, fourth, eighth, …: an outage would fill the log
        log.warning("event retried", **self._line(envelope, error), attempts=trial.attempts)

    async def _park(self, delivery: Delivery, error: Exception) -> None:
        await delivery.park(reason_of(error))
        delivery.settle()
        DEAD_LETTERS.labels(self.listener.name, delivery.envelope.type).inc()
        log.error("event parked", **self._line(delivery.envelope, error))

    def _line(self, envelope: Envelope, error: Exception) -> dict[str, str]:
        return {
            "consumer": self.listener.name,
            "event_id": str(envelope.id),
            "type": envelope.type,
            "reason": reason_of(error),
        }
