"""Two notebooks: one that tells, one that listens."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.database import Database
from shared.database.database import ANSWER_SECONDS
from shared.database.migrate import Schema
from shared.database.opening import connected
from tests.support.connections import Connection
from tests.support.databases import DatabaseUrls
from tests.support.notebook import NOTEBOOK

Fresh = Callable[[Schema], Awaitable[DatabaseUrls]]
Open = Callable[..., Awaitable[Database]]


async def to_read(name: str, url: str) -> Connection:
    """As to a server that has another one before it, or no room."""
    connection = await connected(name, url)
    await connection.execute("SET default_transaction_read_only = on")
    return connection


@pytest.fixture
async def open_notebook(fresh_database: Fresh) -> AsyncIterator[Open]:
    """A notebook's database, or with ``urls`` the same one again, as another replica would open it."""
    opened: list[Database] = []

    async def open_one(
        urls: DatabaseUrls | None = None, *, size: int = 2, answer_seconds: float = ANSWER_SECONDS
    ) -> Database:
        urls = urls or await fresh_database(NOTEBOOK)
        opened.append(
            await Database.open(
                "notebook", urls.serving, urls.look_up, size=size, answer_seconds=answer_seconds, connect=urls.connect
            )
        )
        return opened[-1]

    yield open_one
    for database in opened:
        await database.close()


@pytest.fixture
async def teller_urls(fresh_database: Fresh) -> DatabaseUrls:
    return await fresh_database(NOTEBOOK)


@pytest.fixture
async def teller(open_notebook: Open, teller_urls: DatabaseUrls) -> Database:
    return await open_notebook(teller_urls)


@pytest.fixture
async def hearer(open_notebook: Open) -> Database:
    return await open_notebook()
