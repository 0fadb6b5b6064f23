"""`sparknode migrate`: brings databases to what this release needs."""

import subprocess
from typing import Annotated

import typer

from cli.processes import Service, environment_of, program_of, require_own_databases


def migrate(
    names: Annotated[list[Service] | None, typer.Argument(help="Which services; all when none is named.")] = None,
) -> None:
    """Make the database roles, and bring the schemas to what this release needs.

    It runs `python -m services.NAME migrate` for each service, which reads DATABASE_MIGRATION_URL (as the owner of
    the tables), DATABASE_URL and DATABASE_LOOKUP_URL (the two roles to make). AUTH_DATABASE_MIGRATION_URL and so on
    are auth's alone.
    """
    services = names or list(Service)
    require_own_databases(services)
    for service in services:
        command = [*program_of(service), "migrate"]
        done = subprocess.run(command, env=environment_of(service), check=False)  # noqa: S603 - our own package
        if done.returncode != 0:
            raise typer.Exit(done.returncode)
