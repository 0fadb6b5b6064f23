"""A crowd that is merely there, or dawdles, and what the others notice of it: p99 at the same moderate rate.

Slow clients do not know of each other: what they send is spread over time. That all of them send in the same instant is
measured beside it; a thousand octets to be read then stand in everybody's way, whoever reads them, as Envoy shows.
"""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from tests.benchmarks.gateway.load import Outcome, press
from tests.benchmarks.gateway.process import SECOND_CORE
from tests.benchmarks.gateway.proxies import Proxy, Setting
from tests.support.access_tokens import Issuer

__all__ = ["issuer", "setting", "wrk"]

IDLE, DAWDLING = 10_000, 1_000
ASKED = b"GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n"
BEGUN = b"GET /health HTTP/1.1\r\nHost: gateway\r\nX-Slow: "
STEP_SECONDS = 0.5
"""After which each of the slow ones sends one octet more."""
SPREAD = 50
"""In how many parts of that time, when they are not in step."""

PROXIES: dict[str, Proxy] = {"gateway": proxies.gateway, "envoy": proxies.envoy}


@dataclass(frozen=True, slots=True)
class Measured:
    """What the others notice, and the memory that the proxy needs meanwhile."""

    beside: str
    outcome: Outcome
    megabytes: float


@SLOW
def test_gateway_with_a_crowd(setting: Setting, wrk: str, issuer: Issuer) -> None:
    rows: list[tuple[str, ...]] = []
    for name, proxy in PROXIES.items():
        rounds = [_with_and_without(proxy, setting, wrk, issuer) for _ in range(ROUNDS)]
        alone = Outcome.middle_of([measured[0].outcome for measured in rounds]).p99
        for same in zip(*rounds, strict=True):
            outcome = Outcome.middle_of([each.outcome for each in same])
            rows.append(
                (
                    name,
                    same[0].beside,
                    f"{outcome.per_second:,.0f}",
                    f"{outcome.p50:.2f}",
                    f"{outcome.p99:.2f}",
                    f"{outcome.p99 / alone:.1f}",
                    f"{max(each.megabytes for each in same):.0f}",
                )
            )
    show("A crowd beside", ["", "connections", "req/s", "p50 ms", "p99 ms", "of alone", "MB"], rows)


def _with_and_without(proxy: Proxy, setting: Setting, wrk: str, issuer: Issuer) -> list[Measured]:
    """One round: alone, beside each kind of crowd, as the last one leaves."""
    asked = workloads(issuer)[0]
    with proxy(setting) as running:
        press(wrk, running.port, asked, WARM_UP_SECONDS, setting.folder)
        rate = press(wrk, running.port, asked, SECONDS, setting.folder).per_second / 2

        def measured(beside: str) -> Measured:
            outcome = press(wrk, running.port, asked, SECONDS, setting.folder, rate=rate)
            return Measured(beside, outcome, running.megabytes)

        found = [measured("alone")]
        for name, parts in (("", SPREAD), (", in step", 1)):
            with crowd(running.port, parts):
                found.append(measured(f"{IDLE:,} idle and {DAWDLING:,} slow{name}"))
        return [*found, measured("as they hang up, all at once")]


@contextmanager
def crowd(port: int, parts: int) -> Iterator[None]:
    """Connections that asked once and say nothing more, and others that send an octet of a header now and then."""
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(IDLE + DAWDLING)]
    idle, dawdling = lines[:IDLE], lines[IDLE:]
    for line in idle:
        line.sendall(ASKED)
        line.recv(4096)
    for line in dawdling:
        line.sendall(BEGUN)
    enough = threading.Event()
    sending = threading.Thread(target=_dawdle, args=([dawdling[part::parts] for part in range(parts)], enough))
    sending.start()
    try:
        yield
    finally:
        enough.set()
        sending.join()
        for line in lines:
            line.close()


def _dawdle(parts: Sequence[Sequence[socket.socket]], enough: threading.Event) -> None:
    os.sched_setaffinity(0, {SECOND_CORE} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    while True:
        for part in parts:
            if enough.wait(STEP_SECONDS / len(parts)):
                return
            for line in part:
                line.send(b"x")
