"""A death between any two steps loses nothing and doubles nothing."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from shared.database import Database
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import Envelope
from shared.messaging.relay import Relay
from shared.messaging.transport import Transport
from tests.support.background import in_background
from tests.support.carriers import Carrier
from tests.support.notebook.ears import a_moody_notebook, a_notebook
from tests.support.notebook.facts import happen, noted, notes
from tests.support.waiting import until

pytestmark = pytest.mark.slow


class Killed(BaseException):
    """Nobody catches it, and nothing after it happens."""


class Step(StrEnum):
    """Where one can die between a change here and its effect there."""

    BEFORE_PUBLISHING = "after the commit, before it is published"
    AFTER_PUBLISHING = "after it is published, before it is marked"
    WITHIN_THE_EFFECT = "within the effect, before its commit"
    AFTER_THE_EFFECT = "after the effect, before it is acknowledged"


@dataclass(slots=True)
class Fate:
    """Strikes once, at ``step``, when so many have passed it."""

    step: Step
    spares: int
    struck: asyncio.Event = field(default_factory=asyncio.Event)

    def pass_by(self, step: Step) -> None:
        if step is not self.step or self.struck.is_set():
            return
        if self.spares == 0:
            self.struck.set()
            raise Killed
        self.spares -= 1


@dataclass(frozen=True, slots=True)
class MortalTransport:
    """Carries until fate strikes, in pieces so that it may strike between them."""

    transport: Transport
    fate: Fate

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            self.fate.pass_by(Step.BEFORE_PUBLISHING)
            await self.transport.publish([envelope])
        self.fate.pass_by(Step.AFTER_PUBLISHING)


@dataclass(frozen=True, slots=True)
class MortalListener:
    """Hears until fate strikes."""

    consumer: Consumer
    fate: Fate

    @property
    def name(self) -> str:
        return self.consumer.name

    @property
    def types(self) -> frozenset[str]:
        return self.consumer.types

    async def ready(self) -> None:
        await self.consumer.ready()

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        await self.consumer.handle_all(envelopes)
        self.fate.pass_by(Step.AFTER_THE_EFFECT)

    async def park(self, envelope: Envelope, reason: str) -> None:
        await self.consumer.park(envelope, reason)


@pytest.mark.parametrize("step", Step)
async def test_dying_at_a_step_loses_and_doubles_nothing(
    carrier: Carrier, teller: Database, hearer: Database, step: Step
) -> None:
    texts = [str(n) for n in range(6)]
    for spares in range(len(texts)):
        await happen(teller, texts[spares])
        fate = Fate(step, spares % 3)

        async def mood(_: str, fate: Fate = fate) -> None:
            fate.pass_by(Step.WITHIN_THE_EFFECT)

        listener = MortalListener(a_moody_notebook(hearer, mood), fate)
        async with carrier.carrying(listener) as transport:
            await live(teller, MortalTransport(transport, fate), fate)
        assert await notes(hearer) == texts[: len(await notes(hearer))]
    async with carrier.carrying(a_notebook(hearer)) as transport:
        await Relay(teller, transport).drain()
        await noted(hearer, texts)


async def live(teller: Database, transport: Transport, fate: Fate) -> None:
    """Relay until fate strikes, or there is nothing left that it could strike at."""
    with suppress(BaseException):
        await Relay(teller, transport).drain()
    with suppress(TimeoutError):
        await until(fate.struck.is_set, seconds=0.2)


async def test_being_stopped_at_any_moment_loses_and_doubles_nothing(
    carrier: Carrier, teller: Database, hearer: Database
) -> None:
    texts = [str(n) for n in range(60)]
    for text in texts:
        await happen(teller, text)
    for moment in range(12):
        async with carrier.carrying(a_notebook(hearer)) as transport, in_background(Relay(teller, transport).run()):
            await asyncio.sleep(0.006 * moment)
        found = await notes(hearer)
        assert found == texts[: len(found)]
    async with carrier.carrying(a_notebook(hearer)) as transport:
        await Relay(teller, transport).drain()
        await noted(hearer, texts)
