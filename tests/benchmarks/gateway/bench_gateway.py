"""Choosing Python costs the user nothing: our gateway beside Envoy, HAProxy and the obvious way to write one.

Each runs alone on one core, before the same static service, which shares the other core with the load. All check the
same ES256 token and turn its claims into headers.

``GATEWAY_BENCH_SECONDS`` is how long each figure is measured each time, ``GATEWAY_BENCH_ROUNDS`` how often, and
``GATEWAY_BENCH_REQUESTS`` how many requests the memory is watched over.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.benchmarks.gateway import proxies
from tests.benchmarks.gateway.load import Workload, press
from tests.benchmarks.gateway.process import FIRST_CORE, Running, alone
from tests.benchmarks.gateway.programs import found
from tests.benchmarks.gateway.proxies import Proxy, Setting
from tests.benchmarks.gateway.table import Row, middle, print_table
from tests.benchmarks.gateway.upstream import upstream
from tests.benchmarks.pace import Spell, watched
from tests.support.access_tokens import Issuer

SECONDS = float(os.environ.get("GATEWAY_BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("GATEWAY_BENCH_ROUNDS", "3"))
REQUESTS = int(os.environ.get("GATEWAY_BENCH_REQUESTS", "100000"))
WARM_UP_SECONDS = 1
SLOW = pytest.mark.timeout(3600)

PROXIES: dict[str, Proxy] = {
    "gateway": proxies.gateway,
    "envoy": proxies.envoy,
    "haproxy": proxies.haproxy,
    "starlette + httpx": proxies.naive,
}
REFERENCE = "envoy"


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    """Who signed all tokens."""
    return Issuer()


@pytest.fixture(scope="module")
def wrk() -> str:
    """The load generator."""
    return found("wrk") or pytest.skip("there is no wrk")


@pytest.fixture(scope="module")
def setting(issuer: Issuer, wrk: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """The service, which runs."""
    nginx = found("nginx") or pytest.skip("there is no nginx")
    folder = tmp_path_factory.mktemp("gateway")
    with upstream(nginx, issuer, folder) as service:
        yield Setting(service.port, issuer, folder)


def workloads(issuer: Issuer) -> tuple[Workload, ...]:
    """What is asked; the first is what most requests are like."""
    one, many = [issuer.token()], [issuer.token() for _ in range(1000)]
    json = {"Content-Type": "application/json"}
    return (
        Workload("small GET", "GET", "/api/auth/me", one),
        Workload("10 kB POST", "POST", "/api/invitations", one, body=10_000, headers=json),
        Workload("1 MB response", "GET", "/api/users", one),
        Workload("1,000 tokens", "GET", "/api/auth/me", many),
    )


@SLOW
def test_gateway_beside_the_best(setting: Setting, wrk: str, issuer: Issuer) -> None:
    asked = workloads(issuer)
    rows = [Row("(no proxy)", asked[0].name, press(wrk, setting.service, asked[0], SECONDS, setting.folder))]
    with ExitStack() as stack:
        pace = stack.enter_context(watched([FIRST_CORE], setting.folder))
        benches = [
            Bench(name, stack.enter_context(proxy(setting)), setting, wrk)
            for name, proxy in PROXIES.items()
            if name not in ("envoy", "haproxy") or found(name)
        ]
        for bench in benches:
            press(wrk, bench.proxy.port, asked[0], WARM_UP_SECONDS, setting.folder)
        for workload in asked:
            rows += in_turns(benches, workload)
        peaks = {row.proxy: row.outcome.per_second for row in rows if row.workload == asked[0].name}
        rows += in_turns(benches, asked[0], {name: peak / 2 for name, peak in peaks.items()})
        print_table(rows, REFERENCE, pace)


def in_turns(benches: Sequence["Bench"], workload: Workload, rates: Mapping[str, float] | None = None) -> list[Row]:
    """The middle of some measurements of each, which take turns: so the pace of the machine is the same for all."""
    rounds = []
    for _ in range(ROUNDS):
        rows = []
        for bench in benches:
            with alone(bench.proxy, [each.proxy for each in benches]):
                rows.append(bench.press(workload, (rates or {}).get(bench.name)))
        rounds.append(rows)
    return [middle(rows) for rows in zip(*rounds, strict=True)]


@dataclass(frozen=True, slots=True)
class Bench:
    """A proxy that runs, and the load for it."""

    name: str
    proxy: Running
    setting: Setting
    wrk: str

    def press(self, workload: Workload, rate: float | None = None) -> Row:
        """One figure."""
        before, since = self.proxy.cpu_seconds, time.monotonic()
        outcome = press(self.wrk, self.proxy.port, workload, SECONDS, self.setting.folder, rate=rate)
        spell = Spell(self.proxy.cpu_seconds - before, since, time.monotonic())
        load = f"{workload.name}, half load" if rate else workload.name
        return Row(self.name, load, outcome, self.proxy.megabytes, [spell])


@SLOW
def test_gateway_memory_stays(setting: Setting, wrk: str, issuer: Issuer) -> None:
    small, *_, many = workloads(issuer)
    served = 0
    with proxies.gateway(setting) as running:
        print(f"\n\n{'requests':>10}  {'MB':>6}")  # noqa: T201
        while served < REQUESTS:
            print(f"{served:>10,}  {running.megabytes:>6.1f}", flush=True)  # noqa: T201
            for workload in (small, many):
                served += press(wrk, running.port, workload, max(SECONDS, REQUESTS / 400_000), setting.folder).requests
        print(f"{served:>10,}  {running.megabytes:>6.1f}")  # noqa: T201
