"""The service, running in this process on a database of its own, beside a stand-in for invitations."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.auth.app import NAME, build
from services.auth.schema import SCHEMA
from services.auth.settings import AuthSettings
from shared.database.migrate import Schema
from shared.settings import Environment
from tests.integration.auth.desk import JWT_KEY, Company, Desk, MovableClock
from tests.integration.auth.invitations import FakeInvitations
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.connections import behind
from tests.support.databases import DatabaseUrls
from tests.support.passwords import EASY
from tests.support.servers import serving


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def urls(fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]]) -> DatabaseUrls:
    return await fresh_database(SCHEMA)


@pytest.fixture
def invitations(clock: MovableClock) -> FakeInvitations:
    return FakeInvitations(clock)


@pytest.fixture
async def settings(urls: DatabaseUrls, invitations: FakeInvitations, tmp_path: Path) -> AsyncIterator[AuthSettings]:
    async with serving(invitations.app()) as invitations_url:
        yield AuthSettings(
            environment=Environment.TEST,
            database_url=SecretStr(urls.serving),
            database_lookup_url=SecretStr(urls.look_up),
            caller_signing_key=SecretStr(SIGNING_KEY),
            data_encryption_key=SecretStr(DATA_KEY),
            jwt_secret_key=SecretStr(JWT_KEY),
            public_url="https://id.example.com",
            invitations_url=invitations_url,
            mailbox_dir=tmp_path / "mailbox",
            **EASY,
        )


@pytest.fixture
async def desk(
    settings: AuthSettings, urls: DatabaseUrls, clock: MovableClock, invitations: FakeInvitations
) -> AsyncIterator[Desk]:
    service = await build(settings, clock, urls.connect)
    transport = httpx.ASGITransport(service.app)
    async with (
        behind(urls) as pool,
        httpx.AsyncClient(transport=transport, base_url=f"http://{NAME}") as http,
    ):
        yield Desk(http, urls, pool, service, clock, invitations)
    await service.close()


@pytest.fixture
async def company(desk: Desk) -> Company:
    """With an automatic domain."""
    return await desk.found("Company", "company.com")
