"""The service, running in this process on a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest

from services.auth.schema import SCHEMA
from services.auth.signing_keys.keeping import KeyKeeping
from services.auth.signing_keys.sealing import KeySealer
from shared.database import Database
from shared.database.migrate import Schema
from tests.integration.auth.sessions.desk import JWT_SECRET, Desk, Json, MovableClock, serving
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


@pytest.fixture
async def database(urls: DatabaseUrls) -> AsyncIterator[Database]:
    """The same database, as the service's own parts use it."""
    opened = await Database.open("auth", urls.serving, urls.look_up, connect=urls.connect)
    yield opened
    await opened.close()


@pytest.fixture
async def clock() -> MovableClock:
    """For parts that a test makes itself."""
    return MovableClock()


@pytest.fixture
async def keeping(database: Database, clock: MovableClock) -> KeyKeeping:
    """Of the signing keys, of which there is one."""
    kept = KeyKeeping(database, KeySealer.from_secret(JWT_SECRET), clock)
    await kept.begin()
    return kept


@pytest.fixture
async def company(desk: Desk) -> UUID:
    """A tenant."""
    return await desk.tenant("company")


@pytest.fixture
async def session(desk: Desk, company: UUID) -> Json:
    """What Ann, a member of that tenant, was given when she signed in."""
    await desk.person("ann@company.com", company)
    return await desk.session("ann@company.com")
