"""Strangers are slowed down, and lock nobody out of their own devices."""

from uuid import UUID

import httpx
import pytest

from services.auth.domain.throttling import Attempt, network_on_the_internet
from tests.integration.auth.sessions.desk import PASSWORD, Desk, done, problem

EMAIL = "ann@company.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
HOME, OFFICE, STRANGER = "93.184.216.34", "8.8.8.8", "1.1.1.1"
GUESSES = Attempt.LOG_IN.allowance.free


@pytest.fixture
async def ann(desk: Desk) -> UUID:
    return await desk.person(EMAIL, await desk.tenant("company"))


async def sign_in(
    desk: Desk, password: str = PASSWORD, *, email: str = EMAIL, address: str = HOME, agent: str = FIREFOX
) -> httpx.Response:
    headers = desk.headers() | {"User-Agent": agent, "X-Client-Address": address}
    return await desk.http.post("/api/auth/login", json={"email": email, "password": password}, headers=headers)


async def guess(desk: Desk, times: int, *, email: str = EMAIL) -> list[int]:
    """The status codes that a stranger gets."""
    answers = [await sign_in(desk, f"guess {n}", email=email, address=STRANGER, agent="curl/8") for n in range(times)]
    return [answer.status_code for answer in answers]


async def close_network(desk: Desk, address: str) -> None:
    """As a hundred wrong passwords would, without their hashes."""
    await desk.rows("DELETE FROM throttles")
    await sign_in(desk, "wrong", email="nobody@company.com", address=address)
    await desk.rows("UPDATE throttles SET tries = 200, open_at = now() + interval '1 minute'")


async def test_a_stranger_closes_the_account_for_strangers_and_not_for_its_owner(desk: Desk, ann: UUID) -> None:
    done(await sign_in(desk))
    assert await guess(desk, GUESSES + 1) == [401] * GUESSES + [429]
    assert problem(await sign_in(desk, agent="curl/8", address=OFFICE)) == (429, "too_many_attempts")
    done(await sign_in(desk))
    assert await guess(desk, 1) == [429]  # which gives the stranger nothing
    # Of a network only what was wrong is counted: at home nothing, in the office that one, and all of the stranger's.
    tries = [row["tries"] for row in await desk.rows("SELECT tries FROM throttles ORDER BY tries")]
    assert tries == [0, 1, GUESSES, GUESSES + 2]


async def test_a_known_device_may_not_guess_without_end_either(desk: Desk, ann: UUID) -> None:
    done(await sign_in(desk))
    await guess(desk, GUESSES)
    answers = [await sign_in(desk, "wrong") for _ in range(GUESSES + 1)]
    assert [answer.status_code for answer in answers] == [401] * GUESSES + [429]


async def test_the_right_password_on_a_new_device_waits_like_any_guess(desk: Desk, ann: UUID) -> None:
    await guess(desk, GUESSES)
    assert problem(await sign_in(desk)) == (429, "too_many_attempts")


async def test_a_network_that_tries_every_account_is_closed_and_closes_none_of_them(desk: Desk, ann: UUID) -> None:
    done(await sign_in(desk, address=OFFICE))
    await close_network(desk, OFFICE)
    before = len(await desk.rows("SELECT FROM throttles"))
    assert problem(await sign_in(desk, email="bob@company.com", address=OFFICE)) == (429, "too_many_attempts")
    assert len(await desk.rows("SELECT FROM throttles")) == before
    assert problem(await sign_in(desk, email="bob@company.com", address=HOME))[0] == 401
    done(await sign_in(desk, address=OFFICE))  # ann is known there


async def test_answers_do_not_tell_who_has_an_account(desk: Desk, ann: UUID) -> None:
    """CVE-2024-41952"""
    done(await sign_in(desk))
    known = await guess(desk, GUESSES + 2)
    assert await guess(desk, GUESSES + 2, email="nobody@company.com") == known


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("8.8.8.8", "8.8.8.8/32"),
        ("2606:4700:4700::1111", "2606:4700:4700::/64"),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("::1", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_tries_are_counted_for_networks_on_the_internet(address: str, network: str | None) -> None:
    assert network_on_the_internet(address) == network
