"""Auth and invitations with what they stand on, each a process of its own, as in production."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGSTOP

from cli.embedded.databases import DatabaseUrls, make_missing, migrate_all, urls_on
from cli.embedded.parts import SCHEMAS
from cli.embedded.secrets import Secrets
from cli.postgres import EmbeddedPostgres
from cli.processes import program_of
from tests.benchmarks.programs import running
from tests.support.connections import change

SERVICES = ("auth", "invitations")


@contextmanager
def clocked_server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL as durable as in production, which remembers when each row was committed."""
    with EmbeddedPostgres(folder) as server:
        asyncio.run(change(server.url("postgres"), "ALTER SYSTEM SET track_commit_timestamp = on"))
    with EmbeddedPostgres(folder) as server:
        yield server


@dataclass(frozen=True, slots=True)
class Place:
    """Where auth tells, and where invitations notes."""

    auth: DatabaseUrls
    invitations: DatabaseUrls


@dataclass(frozen=True, slots=True)
class Processes(Place):
    """The same with the two services at work."""

    auth_process: int

    @contextmanager
    def auth_held(self) -> Iterator[None]:
        """While the block lasts auth's own process does nothing, and what is told has to wait."""
        os.kill(self.auth_process, SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.auth_process, SIGCONT)


@contextmanager
def processes(server: EmbeddedPostgres, broker: str, folder: Path) -> Iterator[Processes]:
    """Both services, at work on empty databases and the broker."""
    secrets = Secrets()
    databases = urls_on(server, SERVICES, secrets.database_password)
    asyncio.run(_make(server, databases))
    given = {name.upper(): value for name, value in secrets.keys().items()}
    given |= {"PATH": os.environ["PATH"], "AMQP_URL": broker, "MAILBOX_DIR": str(folder / "mailbox")}
    with ExitStack() as stack:
        auth, _ = (
            stack.enter_context(
                running([*program_of(name), "worker"], given | _own(databases[name]), folder / f"{name}.log")
            )
            for name in SERVICES
        )
        yield Processes(databases["auth"], databases["invitations"], auth.pid)


async def _make(server: EmbeddedPostgres, databases: Mapping[str, DatabaseUrls]) -> None:
    await make_missing(server, databases.values())
    await migrate_all([schema for schema in SCHEMAS if schema.service in databases], databases)


def _own(urls: DatabaseUrls) -> dict[str, str]:
    return {"DATABASE_URL": urls.serving, "DATABASE_LOOKUP_URL": urls.look_up}
