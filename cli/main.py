"""The command line, `sparknode`: what it can do, and how it ends."""

import sys
from typing import Any

from cli.commands.doctor import doctor
from cli.commands.env_example import env_example
from cli.commands.event_catalogue import event_catalogue
from cli.commands.events import events
from cli.commands.invitations import invitations
from cli.commands.keys import keys
from cli.commands.migrate import migrate
from cli.commands.serve import serve
from cli.commands.tenants import tenants
from cli.commands.up import up
from cli.exit_codes import CANNOT_START, exit_code_of
from cli.gateway_client import Refused
from shared.command_line import command_line
from shared.process import CannotStart

commands = command_line("Identity back end for B2B SaaS.")
commands.command()(up)
commands.command()(serve)
commands.command()(migrate)
commands.add_typer(tenants, name="tenants")
commands.add_typer(invitations, name="invitations")
commands.add_typer(events, name="events")
commands.add_typer(keys, name="keys")
commands.command()(doctor)
commands.command(hidden=True)(env_example)
commands.command(hidden=True)(event_catalogue)


def main(*arguments: Any) -> None:
    """Run one command and leave. What goes wrong is told in a sentence on standard error, and by the exit code."""
    try:
        commands(arguments or None)
    except CannotStart as error:
        _leave(str(error), CANNOT_START)
    except Refused as refused:
        details = [f"  {field}: {said}" for field, said in refused.fields.items() if said != str(refused)]
        _leave("\n".join([str(refused), *details]), exit_code_of(refused))


def _leave(words: str, code: int) -> None:
    sys.stderr.write(f"{words}\n")
    raise SystemExit(code)
