"""`python -m services.auth`: serve, work in the background, migrate, keep the signing keys, or make an operator."""

import sys
from typing import Annotated

import typer

from services.auth.app import build
from services.auth.operators import create
from services.auth.schema import SCHEMA
from services.auth.settings import AuthSettings
from services.auth.signing_keys.commands import keys
from shared.process import run
from shared.service_commands import service_commands
from shared.settings import load

commands = service_commands(SCHEMA, AuthSettings, build)
commands.add_typer(keys, name="keys")


@commands.command()
def create_operator(
    email: Annotated[str, typer.Argument(help="Whose account becomes an operator's.")],
    name: Annotated[str, typer.Option(help="What a new account is called.")] = "Operator",
) -> None:
    """Make somebody an operator of the platform. The password of the account is read from standard input.

    An account that is there keeps its password, which has to be this one. Running it again changes nothing.
    """
    password = sys.stdin.readline().rstrip("\r\n")
    run(lambda: create(load(AuthSettings), email, password, name))


if __name__ == "__main__":
    commands()
