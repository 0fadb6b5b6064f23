"""How many refreshes a core of auth makes in a second, and what each of them asks of the database.

The service is called without a socket, and what counts is the time that its process, and those of the database, spend
on a processor: what else the machine does meanwhile changes little. ``REFRESH_BENCH_ROUNDS`` is how often each of the
sessions goes on.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY

from cli.postgres import EmbeddedPostgres
from services.auth.schema import SCHEMA
from shared.contracts.caller import CONTEXT_HEADER
from shared.database.migrate import Schema
from tests.benchmarks.figures import show
from tests.benchmarks.gateway.process import Running
from tests.e2e.conftest import logs_in
from tests.integration.auth.sessions.desk import Desk, caller_of, done, serving
from tests.support.databases import DatabaseUrls

SESSIONS = 8
ROUNDS = int(os.environ.get("REFRESH_BENCH_ROUNDS", "100"))


async def refresh(app: Any, headers: list[tuple[bytes, bytes]], token: str) -> str:
    """The successor of ``token``."""
    sent: list[dict[str, Any]] = []
    body = json.dumps({"refresh_token": token}).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/api/auth/refresh",
        "raw_path": b"/api/auth/refresh",
    }
    scope |= {"query_string": b"", "headers": headers, "client": ("192.0.2.1", 1), "server": ("auth", 80)}
    scope |= {"http_version": "1.1", "scheme": "http", "root_path": "", "asgi": {"version": "3.0"}}
    await app(scope, receive, send)
    assert sent[0]["status"] == 200
    successor: str = json.loads(b"".join(part["body"] for part in sent[1:]))["refresh_token"]
    return successor


async def go_on(app: Any, headers: list[tuple[bytes, bytes]], token: str) -> None:
    for _ in range(ROUNDS):
        token = await refresh(app, headers, token)


async def tokens_of(desk: Desk) -> list[str]:
    """The refresh tokens of as many sessions of one person."""
    company = await desk.tenant("company")
    await desk.person("ann@company.com", company)
    first = await desk.session("ann@company.com")
    switch = {"tenant_id": str(company)}
    return [
        done(await desk.post("/api/auth/switch-tenant", switch, by=caller_of(first)))["refresh_token"]
        for _ in range(SESSIONS)
    ]


def statements() -> float:
    """How many statements there were, without BEGIN and COMMIT."""
    names = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
    counts = (
        REGISTRY.get_sample_value("database_statement_seconds_count", {"database": "auth", "verb": name.lower()})
        for name in names
    )
    return sum(count or 0 for count in counts)


def seconds_of_database() -> float:
    """Of processor time that the server of this run has used: all processes that descend from this one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may be gone by now
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    mine = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(Running(pid, 0).cpu_seconds for pid in mine - {os.getpid()})


async def test_refreshes_per_core(
    postgres: EmbeddedPostgres,
    fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]],
    tmp_path: Path,
) -> None:
    with logs_in(tmp_path / "log", style="json"):  # as in production
        await _measure(await fresh_database(SCHEMA), tmp_path)


async def _measure(urls: DatabaseUrls, folder: Path) -> None:
    async with serving(urls, folder) as desk:
        app: Any = desk.http._transport.app  # type: ignore[attr-defined]
        headers = [
            (b"content-type", b"application/json"),
            (CONTEXT_HEADER.encode(), desk.headers()[CONTEXT_HEADER].encode()),
        ]
        tokens = await tokens_of(desk)
        tokens = [await refresh(app, headers, token) for token in tokens]
        asked, began, database_began, wall = (
            statements(),
            time.process_time(),
            seconds_of_database(),
            time.perf_counter(),
        )
        await asyncio.gather(*(go_on(app, headers, token) for token in tokens))
        made, wall = SESSIONS * ROUNDS, time.perf_counter() - wall
        seconds, database = time.process_time() - began, seconds_of_database() - database_began
        rows: list[tuple[str, str, object]] = [
            ("auth", f"{seconds / made * 1000:.2f} ms", int(made / seconds)),
            ("its database", f"{database / made * 1000:.2f} ms", int(made / max(database, 0.001))),
            ("statements", f"{(statements() - asked) / made:.1f}", ""),
            ("by the clock, here", "", int(made / wall)),
        ]
        show(f"{made:,} refreshes, {SESSIONS} at a time", ["", "each", "per second and core"], rows)
