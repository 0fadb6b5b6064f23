"""Auth behind the gateway, each a process of its own on a durable PostgreSQL, and what they use of the processor."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import httpx

from cli.embedded.databases import make_missing, migrate_all, urls_on
from cli.embedded.parts import SCHEMAS
from cli.embedded.secrets import Secrets
from cli.postgres import EmbeddedPostgres
from cli.postgres.cluster import Postmaster
from cli.postgres.folder import DataFolder
from cli.processes import program_of
from tests.benchmarks.gateway.process import FIRST_CORE, SECOND_CORE, Running, free_port
from tests.benchmarks.pace import Pace, watched
from tests.benchmarks.programs import running
from tests.support.databases import DatabaseUrls
from tests.support.waiting import eventually

AUTH, GATEWAY, DATABASE = "auth", "gateway", "its database"
READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """The process of each, and where it answers; of the database the one that all its others descend from."""

    auth: Running
    gateway: Running
    database: int
    urls: DatabaseUrls
    pace: Pace

    def cpu_seconds(self) -> dict[str, float]:
        """Of processor time, since they began."""
        return {
            GATEWAY: self.gateway.cpu_seconds,
            AUTH: self.auth.cpu_seconds,
            DATABASE: sum(Running(pid, 0).cpu_seconds for pid in _family(self.database)),
        }


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """All of them at work while the block lasts, on an empty database."""
    secrets, ports, data = Secrets(), {AUTH: free_port(), GATEWAY: free_port()}, folder / "postgres"
    with EmbeddedPostgres(data) as server:
        urls = urls_on(server, [AUTH], secrets.database_password)
        asyncio.run(make_missing(server, urls.values()))
        asyncio.run(migrate_all([schema for schema in SCHEMAS if schema.service == AUTH], urls))
        own = urls[AUTH]
        given = {name.upper(): value for name, value in secrets.keys().items()}
        given |= {"PATH": os.environ["PATH"], "LIMITS": "off", "MAILBOX_DIR": str(folder / "mailbox")}
        given |= {"DATABASE_URL": own.serving, "DATABASE_LOOKUP_URL": own.look_up}
        given |= {"AUTH_URL": f"http://127.0.0.1:{ports[AUTH]}"}

        def serving(name: str) -> AbstractContextManager["Popen[bytes]"]:
            return running([*program_of(name), "serve"], given | {"PORT": str(ports[name])}, folder / f"{name}.log")

        cores = [FIRST_CORE, SECOND_CORE]
        with serving(AUTH) as auth, serving(GATEWAY) as gateway, watched(cores, folder) as pace:
            for port in ports.values():
                asyncio.run(_ready(port))
            postmaster = Postmaster.of(DataFolder(data).cluster)
            assert postmaster
            yield Place(
                Running(auth.pid, ports[AUTH]),
                Running(gateway.pid, ports[GATEWAY]),
                postmaster.pid,
                DatabaseUrls(own.name, own.owner, own.serving, own.look_up),
                pace,
            )


async def _ready(port: int) -> None:
    async with httpx.AsyncClient() as client:

        async def answers() -> bool:
            with suppress(httpx.TransportError):
                return (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success
            return False

        await eventually(answers, f"port {port}", READY_SECONDS, every=0.1)


def _family(pid: int) -> set[int]:
    """The process and all that descend from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may be gone by now
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family
