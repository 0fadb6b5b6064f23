"""Three times as much as it can serve: how much it still serves, and what becomes of the rest.

The peak is what 64 clients get that ask as fast as they are answered. Then many more ask at three times that rate in
sum, and ask again at once when they are refused, whatever ``Retry-After`` says.
"""

import pytest

from tests.benchmarks.figures import show
from tests.benchmarks.gateway import proxies
from tests.benchmarks.gateway.bench_gateway import SECONDS, SLOW, WARM_UP_SECONDS, issuer, setting, workloads, wrk
from tests.benchmarks.gateway.load import Outcome, press
from tests.benchmarks.gateway.proxies import Setting
from tests.support.access_tokens import Issuer

__all__ = ["issuer", "setting", "wrk"]

TIMES = 3
CROWD = 1500
"""Clients; more than the gateway takes in hand at once."""

LEAST_SHARE = 0.8


@SLOW
def test_it_does_not_collapse_under_three_times_the_load(
    setting: Setting,
    wrk: str,
    issuer: Issuer,
) -> None:
    small = workloads(issuer)[0]
    with proxies.gateway(setting) as running:
        press(wrk, running.port, small, WARM_UP_SECONDS, setting.folder)
        peak = press(wrk, running.port, small, SECONDS, setting.folder)
        rate = TIMES * peak.per_second
        crowd = press(wrk, running.port, small, 3 * SECONDS, setting.folder, rate=rate, connections=CROWD)
        after = press(wrk, running.port, small, SECONDS, setting.folder)
        megabytes = running.megabytes
    rows = [("peak", peak), (f"{TIMES} times that, {CROWD:,} clients", crowd), ("afterwards", after)]
    columns = ["", "served/s", "refused/s", "of the peak", "p99 ms"]
    show(f"Overload ({megabytes:.0f} MB at the end)", columns, [_row(name, outcome, peak) for name, outcome in rows])
    if _served(crowd) < LEAST_SHARE * _served(peak):
        pytest.fail(f"served {_served(crowd) / _served(peak):.0%} of its peak")


def _served(outcome: Outcome) -> float:
    """Answers per second that were no refusal."""
    return outcome.per_second * (1 - outcome.failed / outcome.requests)


def _row(name: str, outcome: Outcome, peak: Outcome) -> tuple[str, ...]:
    served = _served(outcome)
    share = served / _served(peak)
    return name, f"{served:,.0f}", f"{outcome.per_second - served:,.0f}", f"{share:.0%}", f"{outcome.p99:.1f}"
