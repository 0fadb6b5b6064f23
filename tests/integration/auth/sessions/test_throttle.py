"""How long an account stays closed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.auth.domain.throttling import FORGIVEN_AFTER, Attempt
from services.auth.errors.credentials import TooManyAttempts
from services.auth.repository import throttles
from services.auth.sign_in.throttle import Throttle
from shared.database import Database, Transaction
from shared.database.connections import Lent
from tests.integration.auth.sessions.desk import MovableClock
from tests.support.connections import behind, waiting
from tests.support.databases import DatabaseUrls

EMAIL = "ann@company.com"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def throttle(urls: DatabaseUrls, clock: MovableClock) -> AsyncIterator[Throttle]:
    database = await Database.open("auth", urls.serving, urls.look_up, connect=urls.connect)
    yield Throttle(database, clock)
    await database.close()


async def use_up(throttle: Throttle, attempt: Attempt = Attempt.LOG_IN) -> None:
    """Try as often as is free."""
    for _ in range(attempt.allowance.free):
        await throttle.admit(attempt, EMAIL)


async def wait_of(throttle: Throttle) -> int:
    """How long one has to wait who was refused."""
    with pytest.raises(TooManyAttempts) as refusal:
        await throttle.admit(Attempt.LOG_IN, EMAIL)
    assert refusal.value.retry_after
    return round(refusal.value.retry_after)


async def test_delays_double_up_to_a_quarter_of_an_hour_and_no_further(throttle: Throttle, clock: MovableClock) -> None:
    await use_up(throttle)
    waits = []
    for _ in range(8):
        waits.append(await wait_of(throttle))
        clock.ahead += timedelta(seconds=waits[-1] + 1)
        await throttle.admit(Attempt.LOG_IN, EMAIL)
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


async def test_to_take_back_more_than_was_tried_gives_no_try_for_free(throttle: Throttle) -> None:
    await throttle.admit(Attempt.LOG_IN, EMAIL)
    for _ in range(2):
        await throttle.take_back(Attempt.LOG_IN, EMAIL)
    await use_up(throttle)
    assert await wait_of(throttle) == 30


async def test_free_tries_pass_in_whatever_order_they_get_to_the_row(throttle: Throttle, clock: MovableClock) -> None:
    for _ in range(Attempt.LOG_IN.allowance.free):
        await throttle.admit(Attempt.LOG_IN, EMAIL)
        clock.ahead -= timedelta(seconds=1)
    assert await wait_of(throttle) > 30


async def test_a_refused_try_does_not_make_the_wait_longer(throttle: Throttle) -> None:
    await use_up(throttle)
    for _ in range(20):
        assert await wait_of(throttle) <= 30


async def test_a_day_without_tries_is_a_new_beginning(throttle: Throttle, clock: MovableClock) -> None:
    await use_up(throttle)
    clock.ahead = FORGIVEN_AFTER + timedelta(minutes=1)
    await use_up(throttle)
    assert await wait_of(throttle) <= 30


async def test_waiting_for_less_gives_one_try_and_not_ten(throttle: Throttle, clock: MovableClock) -> None:
    await use_up(throttle)
    clock.ahead = FORGIVEN_AFTER - timedelta(minutes=1)
    await throttle.admit(Attempt.LOG_IN, EMAIL)
    assert 30 < await wait_of(throttle) <= 60


async def test_who_was_right_begins_anew(throttle: Throttle) -> None:
    await use_up(throttle)
    await throttle.clear(Attempt.LOG_IN, EMAIL)
    await use_up(throttle)


async def test_who_tries_as_the_right_person_gets_in_is_the_first_of_a_new_count(
    throttle: Throttle, urls: DatabaseUrls
) -> None:
    await use_up(throttle)
    async with behind(urls) as pool:
        async with pool.lend() as connection, connection.transaction():
            await connection.execute("DELETE FROM throttles")
            trying = asyncio.ensure_future(throttle.admit(Attempt.LOG_IN, EMAIL))
            await waiting(pool, 1)
        await trying
    for _ in range(Attempt.LOG_IN.allowance.free - 1):
        await throttle.admit(Attempt.LOG_IN, EMAIL)
    assert await wait_of(throttle) == 30


async def test_who_is_refused_as_the_right_person_gets_in_may_come_again_at_once(throttle: Throttle) -> None:
    allowance, at = Attempt.LOG_IN.allowance, throttle.clock()
    async with throttle.database.looking_up.lend() as connection:
        tx = GotIn(Lent(connection), "auth", None)
        for _ in range(allowance.free):
            assert await throttles.admit(tx, b"ann", allowance, at) is None
        assert await throttles.admit(tx, b"ann", allowance, at) == timedelta()


class GotIn(Transaction):
    """As the right person gets in between being refused and asking for how long."""

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        await throttles.clear(self, arguments[0])
        return await super().fetchval(sql, *arguments)


async def test_kinds_of_tries_and_accounts_count_for_themselves(throttle: Throttle) -> None:
    await use_up(throttle)
    await throttle.admit(Attempt.LOG_IN, "bob@company.com")
    assert await throttle.allows(Attempt.FORGOT_PASSWORD, EMAIL)


async def test_parallel_tries_are_counted_one_by_one(throttle: Throttle) -> None:
    allowed = await asyncio.gather(*(throttle.allows(Attempt.LOG_IN, EMAIL) for _ in range(100)))
    assert allowed.count(True) == Attempt.LOG_IN.allowance.free


async def test_what_many_use_begins_anew_after_its_window(throttle: Throttle, clock: MovableClock) -> None:
    """A network in which somebody errs every minute of the day is never closed; one that guesses is."""
    for _ in range(3 * 60):
        clock.ahead += timedelta(minutes=1)
        await throttle.admit(Attempt.LOG_IN_FROM_NETWORK, "8.8.8.8/32")
    clock.ahead += timedelta(hours=2)
    allowance = Attempt.LOG_IN_FROM_NETWORK.allowance
    allowed = [await throttle.allows(Attempt.LOG_IN_FROM_NETWORK, "8.8.8.8/32") for _ in range(2 * allowance.free)]
    assert allowed.count(True) == allowance.free


async def test_a_try_that_was_right_is_taken_back_and_no_other(throttle: Throttle) -> None:
    network = Attempt.LOG_IN_FROM_NETWORK
    for _ in range(3):
        await throttle.admit(network, EMAIL)
        await throttle.take_back(network, EMAIL)
    await use_up(throttle, network)
    await throttle.take_back(network, EMAIL)
    assert await throttle.allows(network, EMAIL)  # it was no guess, so nobody has to wait for it
    assert not await throttle.allows(network, EMAIL)


async def test_hundreds_of_tries_overflow_nothing(throttle: Throttle, clock: MovableClock) -> None:
    await use_up(throttle)
    for _ in range(100):
        clock.ahead += timedelta(minutes=16)
        await throttle.admit(Attempt.LOG_IN, EMAIL)
    assert 890 <= await wait_of(throttle) <= 900
