"""The migration step: makes the roles, then brings one service's schema to the newest revision."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from alembic import command, context, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.database.roles import ensure_roles
from shared.process import CannotStart

_LOCK = "SELECT pg_advisory_lock(hashtext('sparknode migrate'))"
_HERE = Path(__file__).parent
_UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
TENANCY_SQL = _HERE / "tenancy.sql"


@dataclass(frozen=True, slots=True)
class Schema:
    """One service's migrations: the folder that holds ``env.py`` and ``versions/``."""

    service: str
    folder: Path

    @property
    def head(self) -> str:
        """The revision that this release needs."""
        head = ScriptDirectory.from_config(self.config()).get_current_head()
        if head is None:
            raise CannotStart(f"The migrations of {self.service} have no head; the installation is damaged.")
        return head

    def config(self) -> Config:
        """Alembic's configuration, without a file."""
        config = Config()
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("path_separator", "os")
        return config


async def migrate(schema: Schema, *, owner_url: str, url: str, look_up_url: str) -> str:
    """Create the roles of ``url`` and ``look_up_url``, run what is missing, and return the revision reached.

    Runs under ``owner_url``, whose role owns every table. Two runs at once take turns; another run changes nothing.
    A process migrates one database at a time: Alembic's context is the whole process's.
    """
    try:
        await ensure_roles(owner_url, url, look_up_url)
        await _upgrade(schema, owner_url, {"app": user_of(url), "lookup": user_of(look_up_url)})
    except _UNREACHABLE as error:
        raise CannotStart(
            f"Cannot reach the database of {schema.service}: {error}. Check DATABASE_MIGRATION_URL."
        ) from error
    except CommandError as error:
        raise CannotStart(
            f"The database of {schema.service} was migrated by a newer release: {error}. Start that one."
        ) from error
    return schema.head


async def require_current(schema: Schema, url: str) -> None:
    """``CannotStart`` unless the database is at the revision that this release needs."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        found = None
    finally:
        await connection.close()
    if found != schema.head:
        raise CannotStart(
            f"The database of {schema.service} is at revision {found or 'nothing'}, this release needs {schema.head}. "
            f"Run `sparknode migrate`, then start again."
        )


def user_of(url: str) -> str:
    """The role that a database URL signs in as."""
    user = urlsplit(url).username
    if not user:
        raise CannotStart(f"The database URL names no user: {re.sub(r'//.*@', '//…@', url)}")
    return unquote(user)


async def _upgrade(schema: Schema, owner_url: str, roles: dict[str, str]) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(owner_url, timeout=5),
        poolclass=NullPool,
    )
    config = schema.config()
    config.attributes["roles"] = roles
    lock = await asyncpg.connect(owner_url, timeout=5)
    try:
        await lock.execute(_LOCK)
        async with engine.connect() as connection:
            await connection.run_sync(_run_alembic, config)
            await connection.commit()
    finally:
        await lock.close()
        await engine.dispose()


def _run_alembic(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_environment() -> None:
    """All that a service's ``env.py`` has to do: run the revisions, each with its own mark, in one transaction."""
    context.configure(connection=context.config.attributes["connection"])
    with context.begin_transaction():
        context.run_migrations()


def run_sql(*files: Path) -> None:
    """For a revision's ``upgrade``: run plain SQL files, with ``:app`` and ``:lookup`` put for the two role names."""
    roles: dict[str, str] = op.get_context().config.attributes["roles"]  # type: ignore[union-attr]
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT 1")  # the driver opens its transaction with the first statement
    for file in files:
        sql = re.sub(r"(?<!:):(app|lookup)\b", lambda m: quoted(roles[m[1]]), file.read_text())
        driver: Any = connection.connection
        driver.run_async(lambda raw, sql=sql: raw.execute(sql))


def quoted(identifier: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'
