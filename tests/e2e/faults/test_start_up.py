"""What keeps a process from starting is a sentence that says what to do, an exit code that is not 0, and soon."""

import asyncio
import os
import socket
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from cli.embedded.parts import SCHEMAS
from cli.processes import Process, Service, program_of
from shared.database.migrate import Schema
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.connections import change
from tests.support.databases import Databases, DatabaseUrls

SOON_SECONDS = 20.0
SCHEMA_OF = {schema.service: schema for schema in SCHEMAS}
OF_THE_PLAN = "your-super-secret-key-change-this"
KEYS = {
    Process.AUTH: {"CALLER_SIGNING_KEY", "DATA_ENCRYPTION_KEY", "JWT_SECRET_KEY"},
    Process.TENANTS: {"CALLER_SIGNING_KEY"},
    Process.INVITATIONS: {"CALLER_SIGNING_KEY", "DATA_ENCRYPTION_KEY"},
    Process.GATEWAY: {"CALLER_SIGNING_KEY"},
}
IN_PRODUCTION = {
    "ENVIRONMENT": "production",
    "AMQP_URL": "amqps://sparknode:q7Zr0VtWm3Xk9Bn1Jd5Hs8Lf2Gp6Yc4A@rabbit.company.com",
    "SMTP_URL": "smtps://mail.company.com",
    "PUBLIC_URL": "https://id.company.com",
    "MAIL_FROM": "Company <id@company.com>",
}
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it said."""

    code: int
    said: str


def environment(urls: DatabaseUrls | None, **variables: str) -> dict[str, str]:
    """All that any of the processes reads: nothing of ours but the path, and ``variables`` above what would do."""
    return {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "DATABASE_URL": urls.serving if urls else NOWHERE,
        "DATABASE_LOOKUP_URL": urls.look_up if urls else NOWHERE,
        "CALLER_SIGNING_KEY": SIGNING_KEY,
        "DATA_ENCRYPTION_KEY": DATA_KEY,
        "JWT_SECRET_KEY": DATA_KEY,
        "MAILBOX_DIR": "/nowhere",
    } | variables


async def serve(process: str, variables: Mapping[str, str]) -> Ended:
    """Try to start a process, which soon ends of itself."""
    command = [*program_of(process), "serve"]
    started = await asyncio.create_subprocess_exec(*command, env=variables, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(SOON_SECONDS):
            out, said = await started.communicate()
    finally:
        if started.returncode is None:
            started.kill()
            await started.communicate()
    assert started.returncode is not None
    assert out == b""
    return Ended(started.returncode, said.decode())


def assert_says(ended: Ended, *words: str) -> None:
    assert ended.code == 1
    assert [word for word in words if word not in ended.said] == [], ended.said
    assert "Traceback" not in ended.said


@asynccontextmanager
async def a_database(databases: Databases, schema: Schema) -> AsyncIterator[DatabaseUrls]:
    urls = await databases.fresh(schema)
    yield urls
    await databases.drop(urls)


@pytest.mark.parametrize("process", Process)
async def test_in_production_no_secret_may_be_weak(process: Process) -> None:
    weak = environment(None, **IN_PRODUCTION, **dict.fromkeys(KEYS[process], OF_THE_PLAN))
    ended = await serve(process, weak)
    assert_says(ended, *KEYS[process], "openssl rand")
    assert OF_THE_PLAN not in ended.said


@pytest.mark.parametrize("service", Service)
async def test_an_old_schema_is_migrated_first(service: Service, databases: Databases) -> None:
    async with a_database(databases, SCHEMA_OF[service]) as urls:
        await change(urls.owner, "UPDATE alembic_version SET version_num = '0000'")
        assert_says(await serve(service, environment(urls)), "revision 0000", "sparknode migrate")


@pytest.mark.parametrize("service", Service)
async def test_nobody_serves_as_a_superuser(service: Service, databases: Databases) -> None:
    async with a_database(databases, SCHEMA_OF[service]) as urls:
        ended = await serve(service, environment(urls, DATABASE_URL=urls.owner))
        assert_says(ended, "Refusing to serve as the database role postgres", "sparknode migrate")


@pytest.mark.parametrize("service", Service)
async def test_a_taken_port_is_named(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_says(await serve(service, environment(None, PORT=port)), f"port {port}", "PORT=")


async def test_what_is_no_address_of_postgresql_is_named_and_not_shown() -> None:
    ended = await serve(Service.TENANTS, environment(None, DATABASE_URL="mysql://root:canary@db"))
    assert_says(ended, "DATABASE_URL", "postgresql://")
    assert "canary" not in ended.said
