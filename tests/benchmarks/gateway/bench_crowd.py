"""A crowd that is merely there, or dawdles, and what the others notice of it: p99 at the same moderate rate."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.figures import show
from tests.benchmarks.gateway import proxies
from tests.benchmarks.gateway.bench_gateway import SECONDS, SLOW, WARM_UP_SECONDS, issuer, setting, workloads, wrk
from tests.benchmarks.gateway.load import press
from tests.benchmarks.gateway.process import SECOND_CORE
from tests.benchmarks.gateway.proxies import Setting
from tests.support.access_tokens import Issuer

__all__ = ["issuer", "setting", "wrk"]

IDLE, DAWDLING = 10_000, 1_000
ASKED = b"GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n"
BEGUN = b"GET /health HTTP/1.1\r\nHost: gateway\r\nX-Slow: "
STEP_SECONDS = 0.5


@SLOW
def test_gateway_with_a_crowd(setting: Setting, wrk: str, issuer: Issuer) -> None:
    asked = workloads(issuer)[0]
    with proxies.gateway(setting) as gateway:
        press(wrk, gateway.port, asked, WARM_UP_SECONDS, setting.folder)
        rate = press(wrk, gateway.port, asked, SECONDS, setting.folder).per_second / 2
        alone = press(wrk, gateway.port, asked, SECONDS, setting.folder, rate=rate)
        with crowd(gateway.port):
            among = press(wrk, gateway.port, asked, SECONDS, setting.folder, rate=rate)
            megabytes = gateway.megabytes
        again = press(wrk, gateway.port, asked, SECONDS, setting.folder, rate=rate)
    rows = [
        (name, f"{outcome.per_second:,.0f}", f"{outcome.p50:.2f}", f"{outcome.p99:.2f}", memory)
        for name, outcome, memory in (
            ("alone", alone, ""),
            (f"{IDLE:,} idle and {DAWDLING:,} slow", among, f"{megabytes:.0f}"),
            ("alone again", again, ""),
        )
    ]
    show("A crowd beside", ["connections", "req/s", "p50 ms", "p99 ms", "MB"], rows)


@contextmanager
def crowd(port: int) -> Iterator[None]:
    """Connections that asked once and say nothing more, and others that send an octet of a header now and then."""
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(IDLE + DAWDLING)]
    idle, dawdling = lines[:IDLE], lines[IDLE:]
    for line in idle:
        line.sendall(ASKED)
        line.recv(4096)
    for line in dawdling:
        line.sendall(BEGUN)
    enough = threading.Event()
    sending = threading.Thread(target=_dawdle, args=(dawdling, enough))
    sending.start()
    try:
        yield
    finally:
        enough.set()
        sending.join()
        for line in lines:
            line.close()


def _dawdle(lines: list[socket.socket], enough: threading.Event) -> None:
    os.sched_setaffinity(0, {SECOND_CORE} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    while not enough.wait(STEP_SECONDS):
        for line in lines:
            line.send(b"x")
