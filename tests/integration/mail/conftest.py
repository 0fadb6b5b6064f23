"""A service that has nothing but a mail queue, and mail servers on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from shared.database import Database
from shared.database.migrate import Schema
from tests.support.certificates import Tls, self_signed
from tests.support.databases import DatabaseUrls
from tests.support.mail_server import Serve
from tests.support.mails import Rows

MIGRATION = """
from shared.database.migrate import TENANCY_SQL, run_sql
from shared.mail.queue import GOOD_UNTIL_SQL, MAILS_SQL

revision, down_revision = "0001", None

def upgrade() -> None:
    run_sql(TENANCY_SQL, MAILS_SQL, GOOD_UNTIL_SQL)
"""


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    folder: Path = tmp_path_factory.mktemp("mails_schema")
    (folder / "versions").mkdir()
    (folder / "env.py").write_text("from shared.database.migrate import run_environment\n\nrun_environment()\n")
    (folder / "versions" / "0001_mails.py").write_text(MIGRATION)
    return Schema("mails", folder, landmark="mails")


@pytest.fixture
async def urls(fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]], schema: Schema) -> DatabaseUrls:
    return await fresh_database(schema)


@pytest.fixture
async def database(urls: DatabaseUrls) -> AsyncIterator[Database]:
    database = await Database.open("mails", urls.serving, urls.look_up, connect=urls.connect)
    yield database
    await database.close()


@pytest.fixture
async def rows(urls: DatabaseUrls) -> AsyncIterator[Rows]:
    connection = await asyncpg.connect(urls.owner)
    yield Rows(connection)
    await connection.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server on a free port of this machine and says which."""
    async with AsyncExitStack() as running:

        async def start(
            protocol: Callable[[], asyncio.BaseProtocol], *, encrypted: ssl.SSLContext | None = None
        ) -> int:
            server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=encrypted)
            running.callback(server.close)
            port: int = server.sockets[0].getsockname()[1]
            return port

        yield start


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return self_signed("127.0.0.1", tmp_path_factory.mktemp("tls"))
