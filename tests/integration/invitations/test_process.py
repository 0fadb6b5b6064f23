"""The service as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from services.invitations.__main__ import commands
from services.invitations.schema import SCHEMA
from shared.database.migrate import Schema
from shared.mail.maildir import read_mailbox
from tests.integration.invitations.time import eventually
from tests.support import programs
from tests.support.callers import DATA_KEY, SIGNING_KEY, an_operator, headers_of
from tests.support.databases import DatabaseUrls

FreshDatabase = Callable[[Schema], Awaitable[DatabaseUrls]]


@asynccontextmanager
async def running(command: str, environment: dict[str, str]) -> AsyncIterator[Process]:
    """``python -m services.invitations`` until the end of the block, then a clean stop."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.invitations", command, env=os.environ | environment, stderr=PIPE
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def listening_port(process: Process) -> int:
    assert process.stderr
    async with asyncio.timeout(20):
        async for line in process.stderr:
            if (told := json.loads(line))["event"] == "listening":
                port: int = told["port"]
                return port
    raise AssertionError("it ended before it listened")


async def test_it_serves_sends_mails_and_stops_cleanly(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    urls = await fresh_database(SCHEMA)
    environment = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": urls.serving,
        "DATABASE_LOOKUP_URL": urls.look_up,
        "DATABASE_MIGRATION_URL": urls.owner,
        "CALLER_SIGNING_KEY": SIGNING_KEY,
        "DATA_ENCRYPTION_KEY": DATA_KEY,
        "MAILBOX_DIR": str(tmp_path),
        "PORT": "0",
    }
    migrate = [sys.executable, "-m", "services.invitations", "migrate"]
    assert (await asyncio.to_thread(programs.run, migrate, os.environ | environment)).returncode == 0

    async with running("serve", environment) as process:
        base_url = f"http://127.0.0.1:{await listening_port(process)}"
        async with httpx.AsyncClient(base_url=base_url) as http:
            assert (await http.get("/readyz")).json() == {"status": "ok", "checks": {"database": "ok"}}
            headers = headers_of(an_operator(), "invitations")
            made = await http.post("/api/invitations", json={"email": "ann@example.com"}, headers=headers)
        await eventually(lambda: read_mailbox(tmp_path, "ann@example.com"))

    [mail] = await read_mailbox(tmp_path, "ann@example.com")
    assert mail.links == [made.json()["invite_url"]]


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_without_settings_it_says_which_are_missing(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DATABASE_URL", "DATABASE_LOOKUP_URL", "CALLER_SIGNING_KEY"):
        monkeypatch.delenv(variable, raising=False)
    result = CliRunner().invoke(commands, [command])

    assert result.exit_code == 1
    assert "DATABASE_URL: is not set" in result.stderr
