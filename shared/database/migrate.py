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

_REVISION = """
    SELECT ARRAY(SELECT version_num::text FROM alembic_version) AS numbers, to_regclass($1) IS NOT NULL AS is_ours,
           obj_description('alembic_version'::regclass, 'pg_class') AS remark
"""
_NUMBER = re.compile(r"\d{4}")
# Whoever adds to a schema leaves it usable for former releases. A revision that takes away what they need says by this
# comment on `alembic_version` which one a release must know at least.
_NEEDS = re.compile(r"needs (\d{4})")
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
    """One service's migrations: the folder that holds ``env.py`` and ``versions/``.

    ``landmark`` is a table that the first of them makes, and that no other service has.
    """

    service: str
    folder: Path
    landmark: str

    @property
    def head(self) -> str:
        """The revision that this release needs: the number of the newest file, since a history is one line."""
        numbers = [file.stem.partition("_")[0] for file in (self.folder / "versions").glob("[0-9]*.py")]
        if not numbers:
            raise CannotStart(f"The migrations of {self.service} have no head; the installation is damaged.")
        return max(numbers)


async def migrate(schema: Schema, *, owner_url: str, url: str, look_up_url: str) -> str:
    """Create the roles of ``url`` and ``look_up_url``, run what is missing, and return the revision reached.

    What a newer release has migrated stays as it is if this one can work with it, and else nothing happens at all.
    Runs under ``owner_url``, whose role owns every table. Two runs at once take turns; another run changes nothing.
    A process migrates one database at a time: Alembic's context is the whole process's.
    """
    try:
        reached = await _reached_at(schema, owner_url)
        await ensure_roles(owner_url, url, look_up_url)
        if _is_behind(schema, reached):
            await _upgrade(schema, owner_url, {"app": user_of(url), "lookup": user_of(look_up_url)})
            reached = await _reached_at(schema, owner_url)
    except _UNREACHABLE as error:
        raise CannotStart(
            f"Cannot reach the database of {schema.service}: {error}. Check DATABASE_MIGRATION_URL."
        ) from error
    return _new_enough(schema, reached)


async def require_usable(schema: Schema, url: str) -> str:
    """The revision of the database: the one that this release needs, or a newer one that it can work with.

    ``CannotStart`` if it is neither.
    """
    return _new_enough(schema, await _reached_at(schema, url))


async def examine_revision(schema: Schema, connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """The same for the database that this connection leads to."""
    return _new_enough(schema, await _reached_over(schema, connection))


def _new_enough(schema: Schema, reached: str | None) -> str:
    if reached is None or _is_behind(schema, reached):
        raise CannotStart(
            f"The database of {schema.service} is at revision {reached or 'nothing'}, this release needs "
            f"{schema.head}. Run `sparknode migrate`, then start again."
        )
    return reached


def _is_behind(schema: Schema, reached: str | None) -> bool:
    return reached is None or reached < schema.head  # of four digits, as the files have them


async def _reached_at(schema: Schema, url: str) -> str | None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await _reached_over(schema, connection)
    finally:
        await connection.close()


async def _reached_over(schema: Schema, connection: "asyncpg.Connection[asyncpg.Record]") -> str | None:
    """The revision of the database; ``None`` when nobody has migrated it, or we may not see that.

    ``CannotStart`` where it is somebody else's, or a newer release has taken away what this one needs.
    """
    try:
        found = await connection.fetchrow(_REVISION, schema.landmark)
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        return None
    if found is None or not found["numbers"]:
        return None
    revision = ", ".join(found["numbers"])
    if not (found["is_ours"] and _NUMBER.fullmatch(revision)):
        raise CannotStart(
            f"The database that was named for {schema.service} is not its own, but something else's at revision "
            f"{revision}. Check which database the settings name."
        )
    needs = _NEEDS.fullmatch(found["remark"] or "")
    if needs and needs[1] > schema.head:
        raise CannotStart(
            f"The database of {schema.service} is at revision {revision}, with which only releases can work that know "
            f"{needs[1]}; this one knows {schema.head}. A newer release migrated it: start that one."
        )
    return revision


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
        if not _is_behind(schema, await _reached_over(schema, lock)):
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
