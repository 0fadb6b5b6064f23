"""The commands that every service has: serve, work in the background, migrate."""

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from shared.command_line import PortVariable, command_line
from shared.database.migrate import Schema
from shared.errors import Problem
from shared.logs import configure_logs
from shared.messaging.dead_letters import take_in
from shared.messaging.reconciling import reconcile
from shared.process import CannotStart, run
from shared.service import Service, run_migration, run_service
from shared.settings import DatabaseSettings, load

S = TypeVar("S", bound=DatabaseSettings)


def service_commands(schema: Schema, settings: type[S], build: Callable[[S], Awaitable[Service]]) -> typer.Typer:
    """The commands of ``python -m services.<name>``; settings are read when a command runs."""
    commands = command_line(f"The {schema.service} service.")

    async def start(*, with_http: bool, port_variable: str = "PORT") -> None:
        given = load(settings)
        await run_service(schema, lambda: build(given), given, with_http=with_http, port_variable=port_variable)

    @commands.command()
    def serve(port_variable: PortVariable = "PORT") -> None:
        """Answer requests, and do the background work, until a signal."""
        run(lambda: start(with_http=True, port_variable=port_variable))

    @commands.command()
    def worker() -> None:
        """Do only the background work until a signal."""
        run(lambda: start(with_http=False))

    @commands.command()
    def migrate() -> None:
        """Make the database roles, and bring the schema to the revision that this release needs."""
        run(lambda: run_migration(schema))

    @commands.command(hidden=True)
    def take_in(
        ids: Annotated[list[UUID], typer.Argument(help="Dead letters in the database of the service.")],
    ) -> None:
        """Let events take effect that were put aside here. A line of JSON tells what became of each."""
        run(lambda: _take_in_all(load(settings), build, ids))

    @commands.command("reconcile")
    def reconcile_replicas(
        apply: Annotated[bool, typer.Option("--apply", help="Repair what differs; otherwise it is only told.")] = False,
    ) -> None:
        """Compare the replicas of this service with their owners. A line of JSON tells each difference."""
        run(lambda: _reconcile_all(load(settings), build, apply=apply))

    return commands


async def _reconcile_all(settings: S, build: Callable[[S], Awaitable[Service]], *, apply: bool) -> None:
    configure_logs("reconcile", level="error", style=settings.log_format)
    service = await build(settings)
    try:
        for replica in service.replicas:
            async for told in reconcile(replica, apply=apply):
                _write(told)
    except Problem as problem:
        raise CannotStart(f"{service.name}: {problem.detail}") from problem
    finally:
        await service.close()


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _take_in_all(settings: S, build: Callable[[S], Awaitable[Service]], ids: Sequence[UUID]) -> None:
    configure_logs("take-in", level="error", style=settings.log_format)
    service = await build(settings)
    try:
        if service.listener is None:
            raise CannotStart(f"{service.name} listens to nobody, and has no dead letters.")
        for event_id in ids:
            reason = await take_in(service.database, service.listener, event_id)
            _write({"id": str(event_id), "reason": reason})
    finally:
        await service.close()
