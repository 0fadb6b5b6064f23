"""Where the three databases of a product are, and how they come to be: made if missing, then migrated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg

from shared.database.migrate import Schema, migrate, quoted
from shared.process import CannotStart

CONNECT_SECONDS = 5
DEFAULT_NAME = "sparknode"
MAINTENANCE = "postgres"

_IS_THERE = "SELECT true FROM pg_database WHERE datname = $1"
_HAS_ROLE = "SELECT true FROM pg_roles WHERE rolname = $1"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Server(Protocol):
    """A PostgreSQL server that we may make databases on."""

    def url(self, database: str, user: str = ..., password: str | None = ...) -> str:
        """How to reach ``database``; without ``user`` as the role that owns it."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One service's database under its three roles."""

    name: str
    owner: str
    serving: str
    look_up: str


@dataclass(frozen=True, slots=True)
class GivenServer:
    """The server of ``DATABASE_URL``."""

    address: str

    @property
    def database(self) -> str:
        """The database that the address names; ours are called after it."""
        return unquote(urlsplit(self.address).path.lstrip("/")) or DEFAULT_NAME

    def url(self, database: str, user: str = "", password: str | None = None) -> str:
        """The address of another database on the server, as ``user`` or as the role of the address."""
        parts = urlsplit(self.address)._replace(path=f"/{quote(database, safe='')}")
        if user:
            credentials = quote(user, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
            parts = parts._replace(netloc=f"{credentials}@{parts.netloc.rpartition('@')[2]}")
        return urlunsplit(parts)


def name_on(server: Server) -> str:
    """What the names of our databases and roles on ``server`` begin with."""
    return server.database if isinstance(server, GivenServer) else DEFAULT_NAME


def urls_on(server: Server, services: Iterable[str], password: str) -> dict[str, DatabaseUrls]:
    """For each service the database ``sparknode_auth`` and so on, whose two roles are called after it."""
    return {service: _urls(server, f"{name_on(server)}_{service}", password) for service in services}


def _urls(server: Server, database: str, password: str) -> DatabaseUrls:
    return DatabaseUrls(
        database,
        server.url(database),
        server.url(database, database, password),
        server.url(database, f"{database}_lookup", password),
    )


async def make_missing(server: Server, databases: Iterable[DatabaseUrls]) -> None:
    """Create those of ``databases`` that the server lacks; ``CannotStart`` if one is another folder's."""
    connection = await _connected(server)
    try:
        for database in databases:
            if not await connection.fetchval(_IS_THERE, database.name):
                await _make(connection, database.name)
            elif isinstance(server, GivenServer):  # the embedded one is in the folder itself
                await _require_ours(connection, database)
    finally:
        await connection.close()


async def _connected(server: Server) -> Connection:
    try:
        try:
            return await asyncpg.connect(server.url(name_on(server)), timeout=CONNECT_SECONDS)
        except asyncpg.InvalidCatalogNameError:
            return await asyncpg.connect(server.url(MAINTENANCE), timeout=CONNECT_SECONDS)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotStart(f"The server of DATABASE_URL cannot be used: {error}. Check the address.") from error


async def _require_ours(connection: Connection, database: DatabaseUrls) -> None:
    """A product that runs on them would be locked out by the passwords that migrating gives to the roles."""
    if not await connection.fetchval(_HAS_ROLE, database.name):
        return
    try:
        await (await asyncpg.connect(database.serving, timeout=CONNECT_SECONDS)).close()
    except asyncpg.InvalidPasswordError as error:
        raise CannotStart(
            f"The database {database.name} was made with another folder, whose product may be running. Start with that "
            "folder (SPARKNODE_HOME), or name another database in DATABASE_URL."
        ) from error


async def _make(connection: Connection, name: str) -> None:
    try:
        await connection.execute(f"CREATE DATABASE {quoted(name)}")
    except asyncpg.InsufficientPrivilegeError as error:
        raise CannotStart(
            f"The role of DATABASE_URL may not create the database {name}. Create it yourself, owned by that role, "
            "or give the role CREATEDB and CREATEROLE."
        ) from error


async def migrate_all(schemas: Iterable[Schema], databases: Mapping[str, DatabaseUrls]) -> None:
    """Bring every database to what this release needs. One after the other: Alembic works on one at a time."""
    for schema in schemas:
        urls = databases[schema.service]
        await migrate(schema, owner_url=urls.owner, url=urls.serving, look_up_url=urls.look_up)
