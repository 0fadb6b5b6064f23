"""``python -m gateway serve``, as an operator meets it."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.http.server import listen
from tests.support import programs
from tests.support.callers import SIGNING_KEY
from tests.support.ports import free_ports
from tests.support.waiting import until

COMMAND = [sys.executable, "-m", "gateway", "serve"]
PATIENCE_SECONDS = 20
PRODUCTION = {
    "ENVIRONMENT": "production",
    "AMQP_URL": "amqp://sparknode:pw@rabbit",
    "CALLER_SIGNING_KEY": "Zq8vN3xK7mR2tW5yB9dF4gH6jL1pS0cA8eU3iO7k",
    "PUBLIC_URL": "https://id.company.com",
}


def environment(**given: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "CALLER_SIGNING_KEY": SIGNING_KEY, "ENVIRONMENT": "test", "PORT": "0"} | given


@contextmanager
def gateway(**given: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(COMMAND, env=environment(**given), stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def run(**given: str) -> subprocess.CompletedProcess[str]:
    return programs.run(COMMAND, environment(**given))


def test_it_serves_and_stops_cleanly_on_a_signal() -> None:
    public, metrics = free_ports(2)
    with gateway(PORT=str(public), METRICS_PORT=str(metrics)) as process:
        assert process.stderr
        while "listening" not in (line := process.stderr.readline()):
            assert line, "it ended before it listened"
        for url in (f"http://127.0.0.1:{public}/health", f"http://127.0.0.1:{metrics}/livez"):
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - our own
                assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_what_does_not_fit_is_a_sentence_and_exit_code_1() -> None:
    ended = run(**PRODUCTION | {"TRUSTED_PROXIES": "everybody", "AUTH_URL": "auth"})
    assert ended.returncode == 1
    assert "TRUSTED_PROXIES" in ended.stderr
    assert "AUTH_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("variable", ["PORT", "METRICS_PORT"])
def test_a_taken_port_is_a_sentence_and_exit_code_1(variable: str) -> None:
    with listen("127.0.0.1", 0) as taken:
        ended = run(**{variable: str(taken.getsockname()[1])})
    assert ended.returncode == 1
    assert "Cannot listen" in ended.stderr
    assert f" {variable}=" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_production_without_a_metrics_port_says_what_that_means() -> None:
    with programs.begun(COMMAND, environment(**PRODUCTION, MAX_CONNECTIONS="10")) as program:
        await until(lambda: "METRICS_PORT" in program.err)
