"""What going on with a session costs, through the gateway.

What counts is the time that each process spends on a processor: what else the machine does meanwhile changes little.
``REFRESH_BENCH_ROUNDS`` is how often each of the sessions goes on.
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

SESSIONS = 16
ROUNDS = int(os.environ.get("REFRESH_BENCH_ROUNDS", "200"))


def test_refreshes_per_core(tmp_path: Path) -> None:
    with place(tmp_path) as running:
        uvloop.run(_measure(running))


async def _measure(running: Place) -> None:
    async with AsyncExitStack() as stack:
        tokens = await _tokens(await stack.enter_async_context(desk_at(running)))
        clients = [await stack.enter_async_context(client_of(running.gateway.port)) for _ in tokens]
        sessions = [_going_on(client, token) for client, token in zip(clients, tokens, strict=True)]
        await measure("refreshes", running, sessions, ROUNDS)


async def _tokens(desk: Desk) -> list[str]:
    """The refresh token of one session each of so many people."""
    company = await desk.tenant("company")
    people = [f"person{number}@company.com" for number in range(SESSIONS)]
    for email in people:
        await desk.person(email, company)
    return [(await desk.session(email))["refresh_token"] for email in people]


def _going_on(client: Client, token: str) -> Callable[[int], Awaitable[None]]:
    async def go_on(rounds: int) -> None:
        nonlocal token
        for _ in range(rounds):
            token = json.loads(await client.post("/api/auth/refresh", {"refresh_token": token}))["refresh_token"]

    return go_on
