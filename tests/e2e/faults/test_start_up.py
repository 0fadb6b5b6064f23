"""What keeps a process from starting is a sentence that says what to do, an exit code that is not 0, and soon."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from cli.embedded.parts import PARTS, SETTINGS, Part
from cli.processes import Process, Service, program_of
from services.auth.schema import SCHEMA as AUTH
from shared.clock import utc_now
from shared.database.migrate import Schema
from shared.process import CannotStart
from shared.settings import load
from tests.support import programs
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.connections import change
from tests.support.databases import Databases, DatabaseUrls

SOON_SECONDS = 20.0
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


async def serve(process: str, variables: Mapping[str, str], *options: str) -> Ended:
    """Try to start a process, which soon ends of itself."""
    with programs.begun([*program_of(process), "serve", *options], variables) as program:
        code = await asyncio.to_thread(program.wait, SOON_SECONDS)
        assert program.out == ""
        return Ended(code, program.err)


def given(variables: Mapping[str, str]) -> dict[str, str]:
    """What a process's environment says, by the names of its settings."""
    return {name.lower(): value for name, value in variables.items()}


async def build(part: Part, variables: Mapping[str, str]) -> None:
    """All that a service does before it serves, without a process of its own."""
    await part.build(load(part.settings, **given(variables)), utc_now)


def assert_says(ended: Ended, *words: str) -> None:
    assert ended.code == 1
    assert [word for word in words if word not in ended.said] == [], ended.said
    assert "Traceback" not in ended.said


@asynccontextmanager
async def a_database(databases: Databases, schema: Schema) -> AsyncIterator[DatabaseUrls]:
    urls = await databases.fresh(schema)
    yield urls
    await databases.drop(urls)


@pytest.mark.parametrize("process", [Process.AUTH, Process.GATEWAY])
async def test_in_production_no_process_takes_a_weak_secret(process: Process) -> None:
    weak = environment(None, **IN_PRODUCTION, **dict.fromkeys(KEYS[process], OF_THE_PLAN))
    ended = await serve(process, weak)
    assert_says(ended, *KEYS[process], "openssl rand")
    assert OF_THE_PLAN not in ended.said


@pytest.mark.parametrize("process", Process)
def test_in_production_every_weak_secret_is_named(process: Process) -> None:
    weak = environment(None, **IN_PRODUCTION, **dict.fromkeys(KEYS[process], OF_THE_PLAN))
    with pytest.raises(CannotStart) as refusal:
        load(SETTINGS[process], **given(weak))
    assert [key for key in KEYS[process] if key not in str(refusal.value)] == []
    assert OF_THE_PLAN not in str(refusal.value)


async def test_a_process_with_an_old_schema_ends(databases: Databases) -> None:
    async with a_database(databases, AUTH) as urls:
        await change(urls.owner, "UPDATE alembic_version SET version_num = '0000'")
        assert_says(await serve(Service.AUTH, environment(urls)), "revision 0000", "sparknode migrate")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
async def test_an_old_schema_is_migrated_first(part: Part, databases: Databases) -> None:
    async with a_database(databases, part.schema) as urls:
        await change(urls.owner, "UPDATE alembic_version SET version_num = '0000'")
        with pytest.raises(CannotStart, match=r"revision 0000.*sparknode migrate"):
            await build(part, environment(urls))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
async def test_nobody_serves_as_a_superuser(part: Part, databases: Databases) -> None:
    async with a_database(databases, part.schema) as urls:
        with pytest.raises(CannotStart, match=r"Refusing to serve as the database role postgres.*sparknode migrate"):
            await build(part, environment(urls, DATABASE_URL=urls.owner))


@pytest.mark.parametrize(("options", "named"), [((), " PORT="), (("--port-variable", "MY_PORT"), " MY_PORT=")])
async def test_a_taken_port_is_named_and_what_has_chosen_it(options: tuple[str, ...], named: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = await serve(Service.INVITATIONS, environment(None, PORT=port), *options)
        assert_says(ended, f"port {port}", named)


async def test_what_is_no_address_of_postgresql_is_named_and_not_shown() -> None:
    ended = await serve(Service.TENANTS, environment(None, DATABASE_URL="mysql://root:canary@db"))
    assert_says(ended, "DATABASE_URL", "postgresql://")
    assert "canary" not in ended.said
