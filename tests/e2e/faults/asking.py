"""Asking everything that there is to ask, all at once, and the one right way to say that it cannot be had now."""

import asyncio
from collections.abc import Sequence

import httpx

from shared.http.problems import MEDIA_TYPE
from tests.e2e.faults.people import Json
from tests.e2e.surface import Operation
from tests.support.waiting import eventually

LONGEST_ANSWER_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.2
"""To ask everything is work enough to keep others from recovering."""

UNAVAILABLE = {"database_unavailable", "service_unavailable"}


async def ask_all(
    http: httpx.AsyncClient, operations: Sequence[Operation], headers: Json
) -> list[tuple[Operation, httpx.Response]]:
    """Every operation with its answer. Nobody waits for long."""
    asked = (http.request(**operation.request(headers=headers)) for operation in operations)
    async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
        return list(zip(operations, await asyncio.gather(*asked), strict=True))


async def until_all_work(
    http: httpx.AsyncClient, operations: Sequence[Operation], headers: Json, seconds: float
) -> None:
    """Return once nobody is told to come back, and nothing is wrong with us."""
    asked = without_signing_out(operations)

    async def all_work() -> bool:
        return all(answer.status_code < 500 for _, answer in await ask_all(http, asked, headers))

    await eventually(all_work, "the recovery", seconds, every=LOOK_AGAIN_SECONDS)


def without_signing_out(operations: Sequence[Operation]) -> list[Operation]:
    """Those after which ``headers`` are as good as before."""
    return [operation for operation in operations if operation.rule.path != "/api/auth/logout"]


def assert_told_to_come_back(answer: httpx.Response) -> None:
    assert answer.status_code == 503, f"{answer.request.url}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["code"] in UNAVAILABLE
    assert int(answer.headers["retry-after"]) > 0
