"""Every table of a tenant is held to the tenant by the database itself, and the serving roles cannot change that."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from services.auth.schema import SCHEMA as AUTH
from services.invitations.schema import SCHEMA as INVITATIONS
from services.tenants.schema import SCHEMA as TENANTS
from shared.database.migrate import Schema, user_of
from tests.architecture.catalogue_rules import RULES, TENANT_TABLES, Rule
from tests.support.databases import DatabaseUrls
from tests.support.notebook import NOTEBOOK

Fresh = Callable[[Schema], Awaitable[DatabaseUrls]]

SERVICES = [pytest.param(schema, id=schema.service) for schema in (AUTH, TENANTS, INVITATIONS)]

EXCEPTIONS = {
    "auth.alembic_version": "says how far the schema is",
    "tenants.alembic_version": "says how far the schema is",
    "invitations.alembic_version": "says how far the schema is",
    "auth.signing_keys": "they sign for all tenants",
    "auth.throttles": "tries are counted before anybody knows whose account it is",
    "auth.memberships.memberships_user_id_fkey": "a person has one account, which may be at home in another tenant",
    "auth.one_time_tokens.one_time_tokens_user_id_fkey": "a link from a mail belongs to the person",
    "tenants.audit_make_month": "makes tables, which the roles may not; takes nothing but a moment",
    "tenants.audit_drop_months": "drops tables, which the roles may not; takes nothing but a moment",
    "auth.known_devices.known_devices_user_id_fkey": "a device is the person's, whichever tenant they act in",
}
"""What may break a rule, each with its reason."""


class Catalogue:
    """The catalogue of one database, asked as a superuser."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", urls: DatabaseUrls) -> None:
        self._connection = connection
        self._urls = urls

    async def execute(self, sql: str) -> None:
        await self._connection.execute(self._named(sql))

    async def offenders(self, rule: Rule) -> set[str]:
        return {str(row[0]) for row in await self._connection.fetch(self._named(rule.offenders))}

    def _named(self, sql: str) -> str:
        return sql.replace(":app", user_of(self._urls.serving)).replace(":lookup", user_of(self._urls.look_up))


@pytest.fixture
async def open_catalogue(fresh_database: Fresh) -> AsyncIterator[Callable[[Schema], Awaitable[Catalogue]]]:
    connections = []

    async def opened(schema: Schema) -> Catalogue:
        urls = await fresh_database(schema)
        connection = await asyncpg.connect(urls.owner)
        connections.append(connection)
        catalogue = Catalogue(connection, urls)
        await catalogue.execute("BEGIN")  # whatever a test spoils, roles included, is gone with the connection
        await catalogue.execute(TENANT_TABLES)
        return catalogue

    yield opened
    for connection in connections:
        await connection.close()


Open = Callable[[Schema], Awaitable[Catalogue]]


@pytest.mark.parametrize("schema", SERVICES)
async def test_every_rule_holds_in_every_database(open_catalogue: Open, schema: Schema) -> None:
    catalogue = await open_catalogue(schema)
    broken = {rule.sentence: await catalogue.offenders(rule) for rule in RULES}
    found = {f"{schema.service}.{offender}" for offenders in broken.values() for offender in offenders}
    allowed = {name for name in EXCEPTIONS if name.startswith(f"{schema.service}.")}
    assert found - allowed == set(), broken
    assert allowed - found == set(), "these exceptions are needed no longer"


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.sentence) for rule in RULES])
async def test_every_rule_finds_what_breaks_it(open_catalogue: Open, rule: Rule) -> None:
    catalogue = await open_catalogue(NOTEBOOK)
    before = await catalogue.offenders(rule)
    await catalogue.execute(rule.spoil)
    assert await catalogue.offenders(rule) - before


@pytest.mark.parametrize("schema", SERVICES)
async def test_without_a_tenant_there_is_no_row(fresh_database: Fresh, schema: Schema) -> None:
    """The platform's own row, for instance."""
    urls = await fresh_database(schema)
    owner, serving = await asyncpg.connect(urls.owner), await asyncpg.connect(urls.serving)
    try:
        assert await owner.fetchval("SELECT count(*) FROM tenants") == 1
        assert await serving.fetchval("SELECT count(*) FROM tenants") == 0
    finally:
        await owner.close()
        await serving.close()
