"""What a page of the directory costs, through the gateway.

What counts is the time that each process spends on a processor: what else the machine does meanwhile changes little.
``USERS_BENCH_ROUNDS`` is how often each of the people looks.
"""

import json
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop

from tests.benchmarks.services.clients import Client, client_of
from tests.benchmarks.services.desk import desk_at
from tests.benchmarks.services.figures import measure
from tests.benchmarks.services.place import Place, place
from tests.integration.auth.sessions.desk import Desk

PEOPLE, PAGE = 60, 50
LOOKING = 16
ROUNDS = int(os.environ.get("USERS_BENCH_ROUNDS", "200"))


def test_pages_of_the_directory_per_core(tmp_path: Path) -> None:
    with place(tmp_path) as running:
        uvloop.run(_measure(running))


async def _measure(running: Place) -> None:
    async with AsyncExitStack() as stack:
        tokens = await _tokens(await stack.enter_async_context(desk_at(running)))
        clients = [await stack.enter_async_context(client_of(running.gateway.port)) for _ in tokens]
        looks = [_looking(client, token) for client, token in zip(clients, tokens, strict=True)]
        await measure(f"pages of {PAGE} people", running, looks, ROUNDS)


async def _tokens(desk: Desk) -> list[str]:
    """The access tokens of some of the people of a tenant."""
    company = await desk.tenant("company")
    people = [f"person{number}@company.com" for number in range(PEOPLE)]
    for email in people:
        await desk.person(email, company)
    return [(await desk.session(email))["access_token"] for email in people[:LOOKING]]


def _looking(client: Client, token: str) -> Callable[[int], Awaitable[None]]:
    async def look(rounds: int) -> None:
        pages = [await client.get("/api/users", token) for _ in range(rounds)]
        assert {len(json.loads(page)["items"]) for page in pages} == {PAGE}

    return look
