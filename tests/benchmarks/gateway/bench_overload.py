"""Three times as much as it can serve: how much it still serves, and what becomes of the rest.

The peak is what 64 clients get that ask as fast as they are answered. Then many more ask at three times that rate in
sum, and ask again at once when they are refused, whatever ``Retry-After`` says.

What is compared are answers for each second of the gateway's own processor time, at the full pace of its core: the
share of its work that refusals take does not depend on what else the machine does.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.figures import show
from tests.benchmarks.gateway import proxies
from tests.benchmarks.gateway.bench_gateway import (
    ROUNDS,
    SECONDS,
    SLOW,
    WARM_UP_SECONDS,
    issuer,
    setting,
    workloads,
    wrk,
)
from tests.benchmarks.gateway.load import CONNECTIONS, Outcome, Workload, press
from tests.benchmarks.gateway.process import FIRST_CORE, Running
from tests.benchmarks.gateway.proxies import Setting
from tests.benchmarks.pace import Pace, Spell, watched
from tests.support.access_tokens import Issuer

__all__ = ["issuer", "setting", "wrk"]

TIMES = 3
CROWD = 1500
"""Clients; more than the gateway takes in hand at once."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the gateway did, in one run or several, and the processor time that it took for it."""

    load: str
    outcome: Outcome
    spells: Sequence[Spell]

    @property
    def served(self) -> int:
        """Answers that were no refusal."""
        return max(0, self.outcome.requests - self.outcome.failed)

    def row(self, peak: "Measured", pace: Pace) -> tuple[str, ...]:
        """As the table shows it."""
        seconds = sum(spell.until - spell.since for spell in self.spells)
        per_cpu_second, at_peak = (each.served / pace.cpu_seconds(each.spells) for each in (self, peak))
        return (
            self.load,
            f"{self.served / seconds:,.0f}",
            f"{(self.outcome.requests - self.served) / seconds:,.0f}",
            f"{per_cpu_second:,.0f}",
            f"{per_cpu_second / at_peak:.0%}",
            f"{self.outcome.p99:.0f}",
        )


@dataclass(frozen=True, slots=True)
class Bench:
    """The gateway that runs, and the load for it."""

    gateway: Running
    setting: Setting
    wrk: str
    workload: Workload

    def press(self, load: str, seconds: float, rate: float | None = None, clients: int = CONNECTIONS) -> Measured:
        """One figure."""
        before, since, port, folder = self.gateway.cpu_seconds, time.monotonic(), self.gateway.port, self.setting.folder
        outcome = press(self.wrk, port, self.workload, seconds, folder, rate=rate, connections=clients)
        return Measured(load, outcome, [Spell(self.gateway.cpu_seconds - before, since, time.monotonic())])

    def peak_and_crowd(self) -> tuple[Measured, Measured]:
        """One after the other, so that the machine has the same pace for both."""
        peak = self.press("peak", SECONDS)
        rate = TIMES * peak.outcome.per_second
        return peak, self.press(f"{TIMES} times that, {CROWD:,} clients", 3 * SECONDS, rate, CROWD)


def middle(runs: Sequence[Measured]) -> Measured:
    """Several of the same load as one."""
    outcome = Outcome.middle_of([run.outcome for run in runs])
    return Measured(runs[0].load, outcome, [spell for run in runs for spell in run.spells])


@SLOW
def test_three_times_the_load(setting: Setting, wrk: str, issuer: Issuer) -> None:
    with proxies.gateway(setting) as running, watched([FIRST_CORE], setting.folder) as pace:
        bench = Bench(running, setting, wrk, workloads(issuer)[0])
        bench.press("warming up", WARM_UP_SECONDS)
        rounds = [bench.peak_and_crowd() for _ in range(ROUNDS)]
        peak, crowd = (middle(each) for each in zip(*rounds, strict=True))
        rows = [each.row(peak, pace) for each in (peak, crowd)]
        title = f"Overload ({running.megabytes:.0f} MB at the end)"
    show(title, ["", "served/s", "failed/s", "served / CPU s", "of the peak", "p99 ms"], rows)
