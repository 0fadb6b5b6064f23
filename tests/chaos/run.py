"""A run: the load goes on, the faults come one after another, and then all has to be as if there had been none."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from shared.database import Database
from shared.messaging.rabbitmq.connection import Connection
from tests.chaos import ledger
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import Fleet
from tests.chaos.invariants import Findings, examine
from tests.chaos.load import Volume
from tests.chaos.points import NotReached
from tests.chaos.schedule import Fault
from tests.chaos.strike import Striker
from tests.support.connections import connected
from tests.support.waiting import eventually

DRAINED_SECONDS = 180.0
LOOK_AGAIN_SECONDS = 0.5
FAULT_SECONDS = 2.0
"""For so long the events of one fault last, at the pace of the load."""

SLOWEST_PACE = 30.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens in a run, and in which service the load is."""

    seed: int
    events: int
    faults: Sequence[Fault]
    source: str

    @property
    def pace(self) -> float:
        """Events per second."""
        return max(SLOWEST_PACE, self.events / max(len(self.faults), 1) / FAULT_SECONDS)


@dataclass(slots=True)
class Outcome:
    """How it went."""

    findings: Findings
    told: int
    struck: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    people: int = 0
    exits: int = 0
    drained_after: float = 0.0


async def run(fleet: Fleet, plan: Plan, progress: Progress, crowd: Crowd | None = None) -> Outcome:
    """Have it happen, wait until all is quiet, and look."""
    async with _volume(fleet, plan) as volume:
        await _first_light(fleet, volume)
        # What is at the broker when it is killed may not be on its disk yet, if it has only just been made.
        await asyncio.to_thread(fleet.node.settle)
        outcome = Outcome(Findings(), 0)
        writing = asyncio.create_task(volume.run())
        strike = Striker(fleet, volume, crowd)
        for number, fault in enumerate(plan.faults, 1):
            await _until_told(volume, fault.after, writing)
            volume.allow(_after(plan, number))
            if crowd and number % 2:
                crowd.come()
            began = time.monotonic()
            try:
                await strike(fault)
                outcome.struck[fault.kind] += 1
            except NotReached:
                outcome.missed[fault.kind] += 1
            took = time.monotonic() - began
            progress(f"{number}/{len(plan.faults)}  {volume.told} events  {fault.kind} {fault.target}  {took:.1f} s")
        volume.allow(plan.events)
        await writing
        if crowd:
            await crowd.all_in()
        began = time.monotonic()
        outcome.findings = await _settled(fleet, volume, crowd)
        outcome.drained_after = time.monotonic() - began
        outcome.told, outcome.people = volume.told, len(crowd.told) if crowd else 0
        outcome.exits = sum(replica.exits for replica in fleet.replicas.values())
        for refusal in crowd.refused if crowd else ():
            outcome.findings.note("lost", refusal)
        return outcome


@asynccontextmanager
async def _volume(fleet: Fleet, plan: Plan) -> AsyncIterator[Volume]:
    urls = fleet.databases[plan.source]
    database = await Database.open(plan.source, urls.serving, urls.look_up, size=6)
    try:
        yield Volume(database, random.Random(plan.seed), plan.events, plan.pace)  # noqa: S311 - no secret
    finally:
        await database.close()


async def _first_light(fleet: Fleet, volume: Volume) -> None:
    """Return when a first event has gone all the way."""
    # No service declares the ledger's queue, and what is told before it is there never reaches the ledger.
    connection = Connection(fleet.node.url(), "sparknode chaos")
    await ledger.TOPOLOGY.declare(await connection.channel())
    await connection.close()
    async with volume.telling():
        pass
    async with connected(fleet.databases[ledger.NAME].owner) as effects:
        await eventually(lambda: effects.fetchval("SELECT true FROM effects"), "the first effect", DRAINED_SECONDS)


async def _until_told(volume: Volume, events: int, writing: "asyncio.Task[None]") -> None:
    volume.allow(max(events, volume.allowed))
    while volume.told < min(events, volume.events) and not writing.done():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    if writing.done():
        await writing


def _after(plan: Plan, number: int) -> int:
    """How many events there may be until the fault after the ``number``-th."""
    return plan.faults[number].after if number < len(plan.faults) else plan.events


async def _settled(fleet: Fleet, volume: Volume, crowd: Crowd | None) -> Findings:
    """What is found when nothing is missing any more; after a while what is found in any case."""
    databases = {service: urls.owner for service, urls in fleet.databases.items()}
    deadline = time.monotonic() + DRAINED_SECONDS
    while True:
        fleet.start_all()
        findings = await examine(databases, volume.acknowledged, crowd.told if crowd else ())
        if findings.is_clean or time.monotonic() > deadline:
            return findings
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
