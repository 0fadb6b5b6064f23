"""`sparknode serve`: one process of the product, as an orchestrator would run it."""

import os
from typing import Annotated

import typer

from cli.processes import Process, environment_of, given_as, program_of


def serve(name: Annotated[Process, typer.Argument(help="Which process.")]) -> None:
    """Run one process of the product.

    It becomes `python -m services.NAME serve`, which reads its settings from the environment (.env.example).
    AUTH_DATABASE_URL, AUTH_PORT and so on stand there for auth's DATABASE_URL and PORT, so that one environment can
    serve all four.
    """
    command = [*program_of(name), "serve", "--port-variable", given_as(name, "PORT")]
    os.execve(command[0], command, environment_of(name))  # noqa: S606 - our own interpreter and package
