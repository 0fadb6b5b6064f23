"""Guessing the password of one account at `POST /api/auth/login`."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.integration.auth.sessions.desk import Desk, problem, serving, told
from tests.support.databases import DatabaseUrls

WRONG = "velvet-otter-42"


async def test_ten_wrong_passwords_close_the_account_for_a_while(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    for _ in range(10):
        assert problem(await desk.log_in("ann@company.com", WRONG))[0] == 401
    refused = await desk.log_in("ann@company.com")
    assert problem(refused) == (429, "too_many_attempts")
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    desk.clock.ahead = timedelta(seconds=int(refused.headers["retry-after"]))
    await desk.session("ann@company.com")


async def test_an_unknown_account_closes_like_any_other(desk: Desk) -> None:
    """CVE-2024-41952"""
    await desk.person("ann@company.com", await desk.tenant("company"))
    for _ in range(10):
        await desk.log_in("ann@company.com", WRONG)
        await desk.log_in("nobody@company.com", WRONG)
    known, unknown = await desk.log_in("ann@company.com"), await desk.log_in("nobody@company.com")
    assert told(known) == told(unknown)


async def test_the_right_password_forgets_the_wrong_ones(desk: Desk) -> None:
    await desk.person("ann@company.com", await desk.tenant("company"))
    for _ in range(3):
        for _ in range(9):
            await desk.log_in("ann@company.com", WRONG)
        await desk.session("ann@company.com")


async def test_of_500_parallel_guesses_ten_are_looked_at(desk: Desk) -> None:
    """CVE-2023-47111"""
    await desk.person("ann@company.com", await desk.tenant("company"))
    answers = await asyncio.gather(*(desk.log_in("ann@company.com", f"guess {n}") for n in range(500)))
    codes = [problem(answer)[1] for answer in answers]
    assert 0 < codes.count("invalid_credentials") <= 10
    # A machine that cannot queue so many says so, and looks at none of them.
    assert set(codes) <= {"invalid_credentials", "too_many_attempts", "database_unavailable"}


async def test_neither_a_flood_of_other_names_nor_a_restart_reopens_an_account(
    desk: Desk, urls: DatabaseUrls, tmp_path: Path
) -> None:
    """CVE-2024-21662"""
    await desk.person("ann@company.com", await desk.tenant("company"))
    for _ in range(10):
        await desk.log_in("ann@company.com", WRONG)
    for n in range(30):
        await desk.log_in(f"flood{n}@company.com", WRONG)
    assert problem(await desk.log_in("ann@company.com")) == (429, "too_many_attempts")
    async with serving(urls, tmp_path) as restarted:
        assert problem(await restarted.log_in("ann@company.com")) == (429, "too_many_attempts")


async def test_a_dump_of_the_throttles_names_nobody(desk: Desk) -> None:
    await desk.log_in("ann@company.com", WRONG)
    [row] = await desk.rows("SELECT t::text AS text FROM throttles AS t")
    assert "ann" not in row["text"]
