"""`python -m services.tenants`: the service as a process of its own."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from services.tenants.schema import SCHEMA
from shared.database.migrate import Schema
from tests.support import programs
from tests.support.callers import SIGNING_KEY
from tests.support.databases import DatabaseUrls
from tests.support.waiting import eventually, until

Fresh = Callable[[Schema], Awaitable[DatabaseUrls]]


def settings(urls: DatabaseUrls, **more: str) -> dict[str, str]:
    return {
        "DATABASE_MIGRATION_URL": urls.owner,
        "DATABASE_URL": urls.serving,
        "DATABASE_LOOKUP_URL": urls.look_up,
        "CALLER_SIGNING_KEY": SIGNING_KEY,
        "PORT": "0",
    } | more


async def begin(environment: dict[str, str]) -> Process:
    """One that serves, by an exec."""
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.tenants", "serve", env=inherited | environment, stdout=PIPE, stderr=PIPE
    )


async def ended(command: str, environment: dict[str, str]) -> tuple[int, str]:
    """The exit code and the words of one that ends of itself."""
    with programs.begun([sys.executable, "-m", "services.tenants", command], environment) as program:
        return await asyncio.to_thread(program.wait, 20), program.err


async def finish(process: Process) -> tuple[int | None, str]:
    """Its exit code, and what it said."""
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    return process.returncode, said.decode()


async def port_of(process: Process) -> int:
    """Where it listens, by its own log."""
    assert process.stderr
    async with asyncio.timeout(20):
        while line := await process.stderr.readline():
            told = json.loads(line)
            if told["event"] == "listening":
                return int(told["port"])
    raise AssertionError("it ended without listening")


async def test_it_migrates_serves_and_stops_on_a_signal(fresh_database: Fresh) -> None:
    urls = await fresh_database(SCHEMA)
    assert (await ended("migrate", settings(urls)))[0] == 0
    process = await begin(settings(urls))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await port_of(process)}", trust_env=False) as http:
        assert (await http.get("/readyz")).json() == {"status": "ok", "checks": {"database": "ok"}}
        assert (await http.get("/api/tenants/current")).status_code == 401
    process.terminate()
    code, said = await finish(process)
    assert code == 0
    assert "Traceback" not in said


async def test_a_worker_answers_nobody_but_who_watches_it(fresh_database: Fresh) -> None:
    command = [sys.executable, "-m", "services.tenants", "worker"]
    with programs.begun(command, settings(await fresh_database(SCHEMA), WORKER_PORT="0")) as worker:
        await until(lambda: '"listening"' in worker.err, 20)
        (port,) = (
            told["port"] for line in worker.err.splitlines() if (told := json.loads(line))["event"] == "listening"
        )
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            assert (await http.get("/livez")).json() == {"status": "ok"}
            assert (await http.get("/readyz")).json() == {"status": "ok", "checks": {"database": "ok"}}
            await eventually(lambda: tells_of_the_outbox(http), "its metrics")
            assert (await http.get("/api/tenants/current")).status_code == 404
        worker.send(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 20) == 0


async def tells_of_the_outbox(http: httpx.AsyncClient) -> bool:
    return 'outbox_age_seconds{service="tenants"}' in (await http.get("/metrics")).text


async def test_a_worker_whose_port_is_taken_says_so(fresh_database: Fresh) -> None:
    urls = await fresh_database(SCHEMA)
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, said = await ended("worker", settings(urls, WORKER_PORT=str(other.getsockname()[1])))
    assert (code, "WORKER_PORT=" in said) == (1, True), said


async def test_an_older_schema_is_refused_with_the_way_out(fresh_database: Fresh) -> None:
    urls = await fresh_database(SCHEMA)
    connection = await asyncpg.connect(urls.owner)
    await connection.execute("UPDATE alembic_version SET version_num = '0000'")
    await connection.close()
    code, said = await ended("serve", settings(urls))
    assert code == 1
    assert "revision 0000" in said
    assert "sparknode migrate" in said
    assert "Traceback" not in said


async def test_what_is_missing_is_named_and_no_secret_is_shown() -> None:
    environment = {"DATABASE_URL": "postgresql://tenants@localhost/tenants", "CALLER_SIGNING_KEY": "too-short"}
    code, said = await ended("worker", environment)
    assert code == 1
    assert "DATABASE_LOOKUP_URL: is not set" in said
    assert "CALLER_SIGNING_KEY: needs at least 32 characters" in said
    assert "too-short" not in said
    assert "Traceback" not in said
