"""The commands that every service has: serve, work in the background, migrate."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from shared.command_line import command_line
from shared.database.migrate import Schema
from shared.process import run
from shared.service import Service, run_migration, run_service
from shared.settings import DatabaseSettings, load

S = TypeVar("S", bound=DatabaseSettings)


def service_commands(schema: Schema, settings: type[S], build: Callable[[S], Awaitable[Service]]) -> typer.Typer:
    """The commands of ``python -m services.<name>``; settings are read when a command runs."""
    commands = command_line(f"The {schema.service} service.")

    async def start(*, with_http: bool) -> None:
        given = load(settings)
        await run_service(schema, lambda: build(given), given, with_http=with_http)

    @commands.command()
    def serve() -> None:
        """Answer requests, and do the background work, until a signal."""
        run(lambda: start(with_http=True))

    @commands.command()
    def worker() -> None:
        """Do only the background work until a signal."""
        run(lambda: start(with_http=False))

    @commands.command()
    def migrate() -> None:
        """Make the database roles, and bring the schema to the revision that this release needs."""
        run(lambda: run_migration(schema))

    return commands
