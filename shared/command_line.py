"""How a program of ours speaks at a terminal."""

from typing import Annotated

import typer

PortVariable = Annotated[str, typer.Option(hidden=True)]
"""What whoever starts a program calls its PORT, for what it says of that."""


def command_line(about: str) -> typer.Typer:
    """A program without commands yet.

    What nobody foresaw ends it with Python's own traceback: Typer's would show the value of every local variable,
    passwords and keys among them.
    """
    return typer.Typer(help=about, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
