"""A few of the faults of `make chaos`, one of each that matters most: real processes, a broker and a server of our own.

Two replicas of a service that tells, two of one that listens. A lock of ours stops one of them exactly where it is
killed (tests/chaos/points.py).
"""

import os
import socket
import sys
from collections import Counter
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from tests.chaos import ledger
from tests.chaos.fleet import a_fleet
from tests.chaos.invariants import Findings
from tests.chaos.run import Outcome, Plan, run
from tests.chaos.schedule import BROKER, POSTGRES, Fault, Kind
from tests.chaos.sockets import peer_of
from tests.support.rabbitmq import Node

TELLER = "tenants"
REPLICAS = ("tenants-2", "tenants-3", "ledger-1", "ledger-2")
APART = 60
"""Events between two faults: more than the writers are ever ahead of what they may tell, so that some always come."""
EVENTS = 6 * APART
PLAN = Plan(
    seed=1,
    events=EVENTS,
    source=TELLER,
    faults=(
        Fault(Kind.KILLED_BEFORE_COMMIT, ledger.NAME, after=10, seconds=0),
        Fault(Kind.KILLED_BEFORE_PUBLISHING, TELLER, after=APART, seconds=0),
        Fault(Kind.KILLED_BEFORE_THE_MARK, TELLER, after=2 * APART, seconds=0),
        Fault(Kind.KILLED_BEFORE_THE_ACK, ledger.NAME, after=3 * APART, seconds=0),
        Fault(Kind.POSTGRES_KILLED, POSTGRES, after=4 * APART, seconds=0.2),
        Fault(Kind.BROKER_KILLED, BROKER, after=5 * APART, seconds=0),
    ),
)


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.timeout(600)  # twenty seconds of work, on a machine that may have other things to do
async def test_nothing_is_lost_doubled_or_reordered_whoever_is_killed(own_broker: Node, tmp_path: Path) -> None:
    async with a_fleet(tmp_path, own_broker, (TELLER, ledger.NAME), afresh=False) as fleet:
        fleet.add(REPLICAS)
        outcome = await run(fleet, PLAN, _show)
    assert_clean(outcome)


def assert_clean(outcome: Outcome) -> None:
    assert outcome.findings.examples == []
    assert outcome.findings == Findings(events=outcome.findings.events)
    assert outcome.told >= EVENTS
    assert outcome.struck == Counter(fault.kind for fault in PLAN.faults)
    assert outcome.exits == 0


def test_the_killed_process_is_the_one_at_the_point() -> None:
    """Which of several a process of the server works for, the kernel knows."""
    ours, theirs = socket.socketpair()
    with ours, theirs, Popen(["/bin/cat"], stdin=theirs.fileno(), stdout=PIPE) as reader:
        theirs.close()
        assert peer_of(os.getpid(), [reader.pid]) == reader.pid
        assert peer_of(reader.pid, [os.getpid()]) == os.getpid()
        reader.kill()


def _show(line: str) -> None:
    """How far it came, when it does not come to its end."""
    sys.stdout.write(f"{line}\n")
