"""The migration step: makes the roles, then brings one service's schema to the newest revision."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import asyncpg

from shared.database.opening import connected_to_migrate
from shared.database.roles import ensure_roles
from shared.process import CannotStart

# Alembic and SQLAlchemy take a second to import. Who serves only compares two revisions, and who migrates a database
# that is current does no more; so they are imported where a revision runs.
if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.database.connections import Connection as DriverConnection

LOOK_AGAIN_SECONDS = 0.2

# Whoever adds to a schema leaves it usable for former releases. A revision that takes away what they need says by this
# comment which it is that a release must know at least.
_REVISION = (
    "SELECT version_num, obj_description('alembic_version'::regclass, 'pg_class') AS oldest FROM alembic_version"
)
_OURS = re.compile(r"\d{4}")
_TAKE_TURN = "SELECT pg_try_advisory_lock(hashtext('sparknode migrate'))"
_UNFINISHED = "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('{}') AND NOT indisvalid)"
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
        """The revision that this release needs: the number of the newest file, since a history is one line."""
        numbers = [file.stem.partition("_")[0] for file in (self.folder / "versions").glob("[0-9]*.py")]
        if not numbers:
            raise CannotStart(f"The migrations of {self.service} have no head; the installation is damaged.")
        return max(numbers)


@dataclass(frozen=True, slots=True)
class Reached:
    """The revision that a database is at, and the oldest whose release can work with it; without one, all can."""

    number: str
    oldest: str | None

    def is_behind(self, schema: Schema) -> bool:
        """Whether something is missing that this release needs."""
        return self.number < schema.head  # of four digits, as the files have them


async def migrate(schema: Schema, *, owner_url: str, url: str, look_up_url: str) -> str:
    """Create the roles of ``url`` and ``look_up_url``, run what is missing, and return the revision reached.

    What a newer release has migrated stays as it is, if this one can work with it.
    Runs under ``owner_url``, whose role owns every table. Two runs at once take turns; another run changes nothing.
    A process migrates one database at a time: Alembic's context is the whole process's.
    """
    try:
        await ensure_roles(owner_url, url, look_up_url)
        reached = await _reached_at(owner_url)
        if reached is None or reached.is_behind(schema):
            await _upgrade(schema, owner_url, {"app": user_of(url), "lookup": user_of(look_up_url)})
            reached = await _reached_at(owner_url)
    except _UNREACHABLE as error:
        raise CannotStart(
            f"Cannot reach the database of {schema.service}: {error}. Check DATABASE_MIGRATION_URL."
        ) from error
    return _usable(schema, reached)


async def require_usable(schema: Schema, url: str) -> str:
    """The revision of the database: the one that this release needs, or a newer one that it can work with.

    ``CannotStart`` if it is neither.
    """
    return _usable(schema, await _reached_at(url))


async def examine_revision(schema: Schema, connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """The same for the database that this connection leads to."""
    return _usable(schema, await _reached_over(connection))


def _usable(schema: Schema, reached: Reached | None) -> str:
    found = f"The database of {schema.service} is at revision {reached.number if reached else 'nothing'}"
    if reached is None or reached.is_behind(schema):
        raise CannotStart(f"{found}, this release needs {schema.head}. Run `sparknode migrate`, then start again.")
    if not _OURS.fullmatch(reached.number):
        raise CannotStart(f"{found}, which is none of ours. Check which database the settings name.")
    if reached.oldest and reached.oldest > schema.head:
        raise CannotStart(
            f"{found}, with which releases can work that need {reached.oldest} or more; this one needs {schema.head}. "
            "A newer release migrated it: start that one."
        )
    return reached.number


async def _reached_at(url: str) -> Reached | None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await _reached_over(connection)
    finally:
        await connection.close()


async def _reached_over(connection: "asyncpg.Connection[asyncpg.Record]") -> Reached | None:
    """``None`` when nobody has migrated the database, or we may not see it."""
    try:
        found = await connection.fetchrow(_REVISION)
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        return None
    return Reached(found["version_num"], found["oldest"]) if found else None


def user_of(url: str) -> str:
    """The role that a database URL signs in as."""
    user = urlsplit(url).username
    if not user:
        raise CannotStart(f"The database URL names no user: {re.sub(r'//.*@', '//…@', url)}")
    return unquote(user)


async def _upgrade(schema: Schema, owner_url: str, roles: dict[str, str]) -> None:
    from alembic.util import CommandError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connected_to_migrate(owner_url),
        poolclass=NullPool,
    )
    lock = await connected_to_migrate(owner_url)
    try:
        await _take_turn(lock)
        reached = await _reached_over(lock)
        if reached and not reached.is_behind(schema):
            return  # somebody else has done it meanwhile, and maybe more
        async with engine.connect() as connection:
            await connection.run_sync(_run_alembic, schema.folder, roles)
            await connection.commit()
    except CommandError as error:
        raise CannotStart(
            f"The database of {schema.service} cannot be migrated: {error}. Check which database the settings name."
        ) from error
    except (DBAPIError, asyncpg.InsufficientPrivilegeError) as error:
        said = getattr(error, "orig", error)
        if getattr(said, "sqlstate", None) != asyncpg.InsufficientPrivilegeError.sqlstate:
            raise
        raise CannotStart(
            f"The migrating role may not change the database of {schema.service}: {str(said).rpartition('>: ')[2]}. "
            "Give DATABASE_MIGRATION_URL the role that owns the database and its tables."
        ) from error
    finally:
        await lock.close()
        await engine.dispose()


async def _take_turn(lock: "DriverConnection") -> None:
    """Wait until nobody else migrates the database, and keep others waiting while the connection lasts.

    Nobody waits inside of a statement: whoever builds an index concurrently waits for that in turn.
    """
    while True:
        if await lock.fetchval(_TAKE_TURN):
            return
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _run_alembic(connection: "Connection", folder: Path, roles: dict[str, str]) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection, "roles": roles})
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def run_environment() -> None:
    """All that a service's ``env.py`` has to do: run the revisions, each with its own mark, in one transaction.

    A revision that builds an index ends it, and another begins.
    """
    from alembic import context  # noqa: PLC0415

    context.configure(connection=context.config.attributes["connection"])
    with context.begin_transaction():
        context.run_migrations()


def run_sql(*files: Path) -> None:
    """For a revision's ``upgrade``: run plain SQL files, with ``:app`` and ``:lookup`` put for the two role names."""
    from alembic import op  # noqa: PLC0415

    roles: dict[str, str] = op.get_context().config.attributes["roles"]  # type: ignore[union-attr]
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT 1")  # the driver opens its transaction with the first statement
    for file in files:
        sql = re.sub(r"(?<!:):(app|lookup)\b", lambda m: quoted(roles[m[1]]), file.read_text())
        driver: Any = connection.connection
        driver.run_async(lambda raw, sql=sql: raw.execute(sql))


def build_index(name: str, definition: str) -> None:
    """For a revision's ``upgrade``, which does nothing else: build an index while others write to the table.

    That cannot be done within a transaction, so what the revisions before it have done stays, whatever becomes of it
    and of those behind it. The next run then begins it anew if it is not finished.
    """
    from alembic import op  # noqa: PLC0415

    with op.get_context().autocommit_block():
        # Past SQLAlchemy, which would tell of its own trouble instead of what has ended a statement.
        driver: Any = op.get_bind().connection
        if driver.run_async(lambda raw: raw.fetchval(_UNFINISHED.format(name))):
            driver.run_async(lambda raw: raw.execute(f"DROP INDEX CONCURRENTLY {name}"))
        driver.run_async(lambda raw: raw.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} {definition}"))


def quoted(identifier: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'
