"""What a product does that is told to end."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from cli import interrupts
from cli.interrupts import SIGNALS, ended_by_signals, run_until_signal

Ended = list[str]


@pytest.fixture(autouse=True)
def nothing_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "_heard", interrupts._Heard())


def end(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


async def take_a_moment_to_end(ended: Ended, *numbers: signal.Signals) -> None:
    """Work that is told to end at once, and needs some time for that."""
    for number in numbers:
        asyncio.get_running_loop().call_later(0.01, end, number)
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.05)
        ended.append("in good order")


@pytest.mark.parametrize("numbers", [[signal.SIGTERM], [signal.SIGINT], [signal.SIGTERM] * 2, [*SIGNALS]])
def test_it_ends_in_good_order_though_it_is_told_twice_at_once(numbers: list[signal.Signals]) -> None:
    """As by what ends a process group: make passes on what the product has got, too."""
    ended: Ended = []
    with capture_logs() as told, ended_by_signals():
        run_until_signal(lambda: take_a_moment_to_end(ended, *numbers))
        ended.append("and what is around it")
    assert [(line["event"], line["signal"] in {number.name for number in numbers}) for line in told] == [
        ("stopping", True)
    ]
    assert ended == ["in good order", "and what is around it"]


def test_so_does_what_is_no_loop_s() -> None:
    ended: Ended = []

    def around() -> None:
        try:
            end(signal.SIGTERM)
        finally:
            end(signal.SIGTERM)  # in the midst of it
            ended.append("in good order")

    with ended_by_signals():
        around()
    assert ended == ["in good order"]


@pytest.mark.parametrize("number", SIGNALS)
def test_who_is_impatient_does_not_wait(monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    left: list[signal.Signals] = []
    monkeypatch.setattr(interrupts, "ONE_AND_THE_SAME_SECONDS", 0.0)
    monkeypatch.setattr(interrupts, "_leave_at_once", lambda _, number: left.append(number))
    run_until_signal(lambda: take_a_moment_to_end([], number, number))
    assert left == [number]


@pytest.mark.parametrize("block", [ended_by_signals, None])
def test_afterwards_signals_do_what_they_did(block: Callable[[], object] | None) -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    if block is None:
        run_until_signal(lambda: take_a_moment_to_end([], signal.SIGTERM))
    else:
        with ended_by_signals():
            end(signal.SIGTERM)
    assert [signal.getsignal(number) for number in SIGNALS] == before
