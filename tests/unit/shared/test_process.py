"""Processes: parts run side by side, and end together."""

import asyncio
import os
import signal

import pytest
from structlog.testing import capture_logs

from shared.process import CannotStart, run, run_until_stopped


async def for_ever(ended: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        ended.append(name)


async def test_all_parts_end_when_told_to_stop() -> None:
    ended: list[str] = []
    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    await run_until_stopped(for_ever(ended, "a"), for_ever(ended, "b"), stop=stop)
    assert sorted(ended) == ["a", "b"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_all_parts(number: signal.Signals) -> None:
    ended: list[str] = []
    asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), number)
    with capture_logs() as told:
        await run_until_stopped(for_ever(ended, "a"))
    assert ended == ["a"]
    assert told == [{"event": "stopping", "signal": number.name, "log_level": "info"}]


async def test_a_failing_part_takes_the_others_down_and_is_heard() -> None:
    ended: list[str] = []

    async def failing() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await run_until_stopped(for_ever(ended, "a"), failing())
    assert ended == ["a"]


def test_what_cannot_start_says_why_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        raise CannotStart("Port taken. Choose another.")

    with pytest.raises(SystemExit) as left:
        run(main)
    assert left.value.code == 1
    assert capsys.readouterr().err == "Port taken. Choose another.\n"


def test_whoever_is_told_to_end_before_all_has_begun_ends_by_itself() -> None:
    """As the first process of a container, which the kernel spares where nothing handles the signal."""
    ended: list[str] = []

    async def main() -> None:
        asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGTERM)
        await for_ever(ended, "the wait for a database")

    with pytest.raises(SystemExit) as left:
        run(main)
    assert (left.value.code, ended) == (143, ["the wait for a database"])


def test_a_clean_stop_is_a_success() -> None:
    async def main() -> None:
        await asyncio.sleep(0)

    run(main)
