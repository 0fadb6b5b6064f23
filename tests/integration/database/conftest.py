"""A notebook to write in, and a server for those who do harm to it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from cli.postgres import EmbeddedPostgres
from shared.database import Database
from shared.database.migrate import Schema
from tests.integration.database.made import an_empty_database
from tests.support.databases import Databases, DatabaseUrls, Server
from tests.support.folders import throwaway_folder
from tests.support.notebook import NOTEBOOK


@pytest.fixture
async def urls(fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]]) -> DatabaseUrls:
    return await fresh_database(NOTEBOOK)


@pytest.fixture
async def database(urls: DatabaseUrls) -> AsyncIterator[Database]:
    """With one connection per role, so that whatever one use leaves behind, the next one would find."""
    opened = await Database.open("notebook", urls.serving, urls.look_up, size=1)
    yield opened
    await opened.close()


@pytest.fixture(scope="package")
def server_to_harm() -> Iterator[EmbeddedPostgres]:
    with throwaway_folder() as folder, EmbeddedPostgres(folder, durable=False) as server:
        yield server


@pytest.fixture(scope="package")
def databases_to_harm(server_to_harm: EmbeddedPostgres) -> Databases:
    return Databases(server_to_harm)


@pytest.fixture
def own_server(server_to_harm: EmbeddedPostgres) -> EmbeddedPostgres:
    """One that a test may stop or kill. It runs, whatever the test before has done to it."""
    server_to_harm.start()
    return server_to_harm


@pytest.fixture
async def own_urls(own_server: EmbeddedPostgres, databases_to_harm: Databases) -> DatabaseUrls:
    """A notebook on it."""
    return await databases_to_harm.fresh(NOTEBOOK)


@pytest.fixture
async def empty(postgres: Server) -> AsyncIterator[DatabaseUrls]:
    """An empty database that nobody has migrated."""
    async with an_empty_database(postgres) as urls:
        yield urls
