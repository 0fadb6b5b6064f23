"""Answers that take the same time."""

import asyncio
import time

import pytest

from services.auth.sign_in.even_time import at_least


async def test_the_short_way_takes_as_long_as_the_long_one() -> None:
    started = time.perf_counter()
    async with at_least(0.05):
        pass
    assert time.perf_counter() - started >= 0.05


async def test_a_failure_takes_as_long_as_a_success() -> None:
    started = time.perf_counter()
    with pytest.raises(ValueError, match="no"):
        async with at_least(0.05):
            raise ValueError("no")
    assert time.perf_counter() - started >= 0.05


async def test_what_takes_longer_anyway_is_not_kept() -> None:
    loop, rounds = asyncio.get_running_loop(), 0

    def again() -> None:
        nonlocal rounds
        rounds += 1
        loop.call_soon(again)

    again()
    async with at_least(0):
        pass
    assert rounds < 5
