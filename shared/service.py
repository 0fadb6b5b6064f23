"""A service as a process sees it: its app, its database, its listener and its workers; and how it is run."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg
import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp

from shared.database import Database
from shared.database.connections import Connections
from shared.database.migrate import Schema, examine_revision, migrate
from shared.database.opening import Connect, connected
from shared.database.roles import examine_role
from shared.http.health import health_routes
from shared.http.server import listen, serve
from shared.logs import configure_logs
from shared.messaging.backbone import Worker, backbone
from shared.messaging.reconciling import Replica
from shared.messaging.transport import Listener
from shared.process import CannotStart, run_until_stopped, spare_the_collector
from shared.settings import DatabaseSettings, MigrationSettings, load

if TYPE_CHECKING:
    from shared.database.connections import Connection

DATABASE_PATIENCE_SECONDS = 30.0

_NOT_NOW = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it starts, or stops
    asyncpg.TooManyConnectionsError,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A service, built and ready to run; who runs it closes it."""

    name: str
    app: ASGIApp
    database: Database
    listener: Listener | None
    workers: tuple[Worker, ...]
    closers: tuple[Callable[[], Awaitable[None]], ...] = ()
    replicas: tuple[Replica, ...] = ()

    async def close(self) -> None:
        """Close the connections to fellow services and to the database."""
        for close in self.closers:
            await close()
        await self.database.close()


async def open_database(schema: Schema, settings: DatabaseSettings, connect: Connect = connected) -> Database:
    """The service's database, after its roles were found safe and its schema current.

    Waits up to 30 seconds for a database that is still starting; ``CannotStart`` says what else is wrong.
    """
    url, look_up_url = (
        settings.database_url.get_secret_value(),
        settings.database_lookup_url.get_secret_value(),
    )
    size = settings.database_pool_size
    database = await Database.open(schema.service, url, look_up_url, size=size, connect=connect)
    try:
        await _examine_when_reachable(schema, database)
    except BaseException:
        await database.close()
        raise
    return database


async def _examine_when_reachable(schema: Schema, database: Database) -> None:
    try:
        async with asyncio.timeout(DATABASE_PATIENCE_SECONDS):
            await _until_reachable(lambda: _examine(schema, database))
    except TimeoutError:
        raise CannotStart(
            f"The database of {schema.service} did not answer within {DATABASE_PATIENCE_SECONDS:.0f} s. "
            "Check DATABASE_URL and that PostgreSQL is running."
        ) from None


async def _examine(schema: Schema, database: Database) -> None:
    """On connections that are then there for the first requests."""
    async with _kept_if_all_goes_well(database.serving) as serving:
        await examine_role(serving)
        revision = await examine_revision(schema, serving)
        _tell_if_newer(schema, revision)
    async with _kept_if_all_goes_well(database.looking_up) as looking_up:
        await examine_role(looking_up)


def _tell_if_newer(schema: Schema, revision: str) -> None:
    if revision != schema.head:
        log.warning(
            "a newer release migrated the database", database=schema.service, revision=revision, needed=schema.head
        )


@asynccontextmanager
async def _kept_if_all_goes_well(connections: Connections) -> "AsyncIterator[Connection]":
    async with connections.lend() as connection:
        try:
            yield connection
        except BaseException:
            connection.terminate()
            raise


async def _until_reachable(check: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await check()
        except _NOT_NOW as error:
            log.warning("waiting for the database", reason=str(error))
            await asyncio.sleep(0.5)
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
            raise CannotStart(
                f"The database refuses us: {error}. Check DATABASE_URL, or run `sparknode migrate`."
            ) from None


async def run_service(
    schema: Schema,
    build: Callable[[], Awaitable[Service]],
    settings: DatabaseSettings,
    *,
    with_http: bool = True,
    port_variable: str = "PORT",
) -> None:
    """Serve, and do the background work, until a signal; without HTTP only the work. Either way events flow.

    Without HTTP, what is asked of every process is answered where ``worker_port`` says.
    """
    configure_logs(schema.service, level=settings.log_level, style=settings.log_format)
    port, variable = (settings.port, port_variable) if with_http else (settings.worker_port, "WORKER_PORT")
    listening = listen(settings.host, port, variable=variable) if port is not None else None
    service = await build()
    spare_the_collector()
    try:
        async with backbone(service.database, service.listener, settings) as event_workers:
            parts: list[Awaitable[None]] = [worker.run() for worker in (*service.workers, *event_workers)]
            if listening:
                log.info("listening", host=settings.host, port=listening.getsockname()[1])
                parts.append(serve(service.app if with_http else _of_a_worker(service), listening))
            await run_until_stopped(*parts)
    finally:
        await service.close()


def _of_a_worker(service: Service) -> ASGIApp:
    """Health and metrics alone."""
    return Starlette(routes=health_routes({"database": service.database.ping}))


async def run_migration(schema: Schema) -> None:
    """The migration step of one service, with its settings from the environment."""
    settings = load(MigrationSettings)
    configure_logs(schema.service, level=settings.log_level, style=settings.log_format)
    revision = await migrate(
        schema,
        owner_url=settings.database_migration_url.get_secret_value(),
        url=settings.database_url.get_secret_value(),
        look_up_url=settings.database_lookup_url.get_secret_value(),
    )
    _tell_if_newer(schema, revision)
    log.info("migrated", revision=revision)
