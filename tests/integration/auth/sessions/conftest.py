"""The service, running in this process on a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from services.auth.schema import SCHEMA
from shared.database.migrate import Schema
from tests.integration.auth.sessions.desk import Desk, serving
from tests.support.databases import DatabaseUrls


@pytest.fixture
async def urls(fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]]) -> DatabaseUrls:
    """An empty database of auth."""
    return await fresh_database(SCHEMA)


@pytest.fixture
async def desk(urls: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Desk]:
    """The service, on that database."""
    async with serving(urls, tmp_path) as desk:
        yield desk
