"""A notebook to write in."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.database import Database
from shared.database.migrate import Schema
from tests.support.databases import DatabaseUrls
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
