"""How a program of ours speaks at a terminal."""

from importlib.metadata import version
from typing import Annotated

import typer

PortVariable = Annotated[str, typer.Option(hidden=True)]
"""What whoever starts a program calls its PORT, for what it says of that."""


def command_line(about: str) -> typer.Typer:
    """A program without commands yet, which can say its version.

    What nobody foresaw ends it with Python's own traceback: Typer's would show the value of every local variable,
    passwords and keys among them.
    """
    program = typer.Typer(help=about, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    program.callback()(_options)
    return program


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sparknode {version('sparknode')}")
        raise typer.Exit


_Version = Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")]


def _options(_: _Version = False) -> None:
    pass
