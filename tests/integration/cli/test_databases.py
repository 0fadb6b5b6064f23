"""The databases of a product on a server: made if missing, migrated, and what is said when that cannot be."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest

from cli.embedded.databases import DatabaseUrls, GivenServer, make_missing, migrate_all, urls_on
from cli.embedded.parts import SCHEMAS, SERVICES
from cli.postgres import EmbeddedPostgres
from shared.process import CannotStart

PASSWORD = "of-the-roles"


@dataclass(frozen=True, slots=True)
class Place:
    """A server with a name for our databases that nobody else uses."""

    server: GivenServer
    databases: dict[str, DatabaseUrls]
    admin: str


@pytest.fixture
async def place(postgres: EmbeddedPostgres) -> AsyncIterator[Place]:
    server = GivenServer(postgres.url(f"product_{uuid4().hex[:8]}"))
    databases = urls_on(server, SERVICES, PASSWORD)
    yield Place(server, databases, postgres.url("postgres"))
    for database in databases.values():
        await on(postgres.url("postgres"), f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')


async def on(url: str, sql: str) -> str | None:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(sql))
    finally:
        await connection.close()


async def test_databases_are_made_and_migrated_and_again_is_the_same(place: Place) -> None:
    for _ in range(2):
        await make_missing(place.server, place.databases.values())
        await migrate_all(SCHEMAS, place.databases)
    for schema in SCHEMAS:
        urls = place.databases[schema.service]
        for url in (urls.serving, urls.look_up):
            assert await on(url, "SELECT version_num FROM alembic_version") == schema.head


async def test_the_databases_of_another_folder_are_left_alone(place: Place) -> None:
    """Its passwords are others, and those of a product that may be running must stay what they are."""
    await make_missing(place.server, place.databases.values())
    await migrate_all(SCHEMAS, place.databases)
    theirs = urls_on(place.server, SERVICES, "of-another-folder")
    with pytest.raises(CannotStart, match="made with another folder"):
        await make_missing(place.server, theirs.values())
    assert await on(place.databases["auth"].serving, "SELECT 1") == "1"


async def test_a_role_that_may_not_make_databases_is_told(place: Place) -> None:
    name = f"weak_{uuid4().hex[:8]}"
    await on(place.admin, f"CREATE ROLE {name} LOGIN PASSWORD 'weak'")
    weak = GivenServer(place.server.url("product", name, "weak"))
    with pytest.raises(CannotStart, match="CREATEDB"):
        await make_missing(weak, place.databases.values())


@pytest.mark.parametrize(
    "address", ["postgresql://a:b@127.0.0.1:1/x", "http://127.0.0.1/x", "nonsense", "postgresql://h:port/x"]
)
async def test_an_address_that_is_none_of_a_server_is_told(place: Place, address: str) -> None:
    with pytest.raises(CannotStart, match="DATABASE_URL"):
        await make_missing(GivenServer(address), place.databases.values())


async def test_a_wrong_password_is_told(place: Place) -> None:
    name = f"known_{uuid4().hex[:8]}"
    await on(place.admin, f"CREATE ROLE {name} LOGIN PASSWORD 'right'")
    with pytest.raises(CannotStart, match="DATABASE_URL"):
        await make_missing(GivenServer(place.server.url("product", name, "wrong")), place.databases.values())


async def test_databases_of_a_newer_release_are_left_alone(place: Place) -> None:
    await make_missing(place.server, place.databases.values())
    await migrate_all(SCHEMAS, place.databases)
    auth = place.databases["auth"].owner
    await on(auth, "UPDATE alembic_version SET version_num = '9999' RETURNING version_num")
    await migrate_all(SCHEMAS, place.databases)
    assert await on(auth, "SELECT version_num FROM alembic_version") == "9999"
    await on(auth, "COMMENT ON TABLE alembic_version IS 'needs 9999'")
    with pytest.raises(CannotStart, match="newer release"):
        await migrate_all(SCHEMAS, place.databases)
