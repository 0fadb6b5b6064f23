"""The service, running in this process on a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.invitations.app import NAME, build
from services.invitations.schema import SCHEMA
from services.invitations.settings import InvitationsSettings
from shared.database.migrate import Schema
from shared.settings import Environment
from tests.integration.invitations.company import Company
from tests.integration.invitations.desk import Desk
from tests.integration.invitations.time import MovableClock
from tests.support.callers import DATA_KEY, SIGNING_KEY
from tests.support.connections import behind
from tests.support.databases import DatabaseUrls


@pytest.fixture
async def desk(fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]], tmp_path: Path) -> AsyncIterator[Desk]:
    urls, clock = await fresh_database(SCHEMA), MovableClock()
    settings = InvitationsSettings(
        environment=Environment.TEST,
        database_url=SecretStr(urls.serving),
        database_lookup_url=SecretStr(urls.look_up),
        caller_signing_key=SecretStr(SIGNING_KEY),
        data_encryption_key=SecretStr(DATA_KEY),
        public_url="https://id.example.com",
        mailbox_dir=tmp_path / "mailbox",
    )
    service = await build(settings, clock, urls.connect)
    transport = httpx.ASGITransport(service.app)
    async with (
        behind(urls) as pool,
        httpx.AsyncClient(transport=transport, base_url=f"http://{NAME}") as http,
    ):
        yield Desk(http, urls, pool, service, clock, tmp_path / "mailbox")
    await service.close()


@pytest.fixture
async def company(desk: Desk) -> Company:
    return await desk.found("Company")


@pytest.fixture
async def rival(desk: Desk) -> Company:
    return await desk.found("Rival")
