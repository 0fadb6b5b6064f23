"""`sparknode keys`: the keys that sign access tokens. Auth does the work, in a process of its own."""

import json
import os
import subprocess
from typing import Annotated

import typer

from cli.connection import AsJson
from cli.described import described
from cli.output import show, show_table
from cli.processes import Service, program_of
from shared.process import CannotStart

SECRET = "JWT_SECRET_KEY"  # noqa: S105 - the name of a variable
NOT_THEIRS = (
    f"{SECRET} is not the one of the product that runs here, and keys sealed under another would be closed to it. "
    f"Nothing was changed. Start `sparknode up` anew with this {SECRET}, and with the former one as {SECRET}_OLD; then "
    "seal the keys."
)

COLUMNS = ("kid", "state", "created_at", "signs_from", "retired_at")

keys = typer.Typer(help="The keys that sign access tokens. For operators.", no_args_is_help=True)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show the keys: `waiting` is published and signs soon, `former` is published until its last token has expired."""
    _run("list", as_json=as_json)


@keys.command()
def rotate(as_json: AsJson = False) -> None:
    """Publish a new key, which takes over in ten minutes. Nobody notices. While one is waiting, nothing happens."""
    _run("rotate", as_json=as_json)


@keys.command()
def revoke(
    kid: Annotated[str, typer.Argument(help="The key, as `sparknode keys list` names it.")], as_json: AsJson = False
) -> None:
    """Take a key out of force at once, because somebody else may have it. Whatever it signed is refused in seconds.

    Another key signs from now on; people's browsers refresh, and they go on.
    """
    _run("revoke", "--", kid, as_json=as_json)


@keys.command()
def rewrap(as_json: AsJson = False) -> None:
    """Seal all keys under JWT_SECRET_KEY. JWT_SECRET_KEY_OLD opens those that are sealed under the former one.

    Beside `sparknode up` both are those that it was started with.
    """
    if (given := os.environ.get(SECRET)) and given != _environment().get(SECRET):
        raise CannotStart(NOT_THEIRS)
    _run("rewrap", as_json=as_json)


def _environment() -> dict[str, str]:
    return described([Service.AUTH])[Service.AUTH]


def _run(*arguments: str, as_json: bool) -> None:
    command = [*program_of(Service.AUTH), "keys", *arguments]
    done = subprocess.run(command, env=_environment(), check=False, capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode:
        raise CannotStart(done.stderr.strip() or "auth could not look after its keys.")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    if as_json:
        show(found)
    else:
        show_table(found, COLUMNS, none="There are no keys yet. Auth makes one when it starts.")
