"""The service, running in this process on a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from pydantic import SecretStr

from services.tenants.app import build
from services.tenants.schema import SCHEMA
from services.tenants.settings import TenantsSettings
from shared.database.migrate import Schema
from shared.settings import Environment
from tests.integration.tenants.desk import Desk
from tests.support.callers import SIGNING_KEY
from tests.support.connections import behind
from tests.support.databases import DatabaseUrls
from tests.support.name_server import NameServer, name_server


@pytest.fixture
async def dns() -> AsyncIterator[NameServer]:
    async with name_server() as server:
        yield server


@pytest.fixture
async def desk(fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]], dns: NameServer) -> AsyncIterator[Desk]:
    urls = await fresh_database(SCHEMA)
    settings = TenantsSettings(
        environment=Environment.TEST,
        database_url=SecretStr(urls.serving),
        database_lookup_url=SecretStr(urls.look_up),
        caller_signing_key=SecretStr(SIGNING_KEY),
        dns_servers=":".join(map(str, dns.address)),
    )
    service = await build(settings, connect=urls.connect)
    transport = httpx.ASGITransport(service.app)
    async with (
        behind(urls) as pool,
        httpx.AsyncClient(transport=transport, base_url="http://tenants") as http,
    ):
        yield Desk(http, urls, pool, service.database)
    await service.close()
