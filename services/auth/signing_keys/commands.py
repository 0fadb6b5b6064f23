"""`python -m services.auth keys`: what an operator does to the signing keys. Each answers with all keys, as JSON."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from services.auth.schema import SCHEMA
from services.auth.settings import AuthSettings
from services.auth.signing_keys.keeping import KeyKeeping
from shared.clock import utc_now
from shared.errors import Problem
from shared.logs import configure_logs
from shared.process import CannotStart, run
from shared.sealing import Unreadable
from shared.service import open_database
from shared.settings import load

keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)


@keys.command("list")
def list_keys() -> None:
    """Show the keys and what each is doing."""
    _run(lambda keeping: keeping.in_force())


@keys.command()
def rotate() -> None:
    """Publish a new key, which signs from ten minutes on."""
    _run(lambda keeping: keeping.rotate())


@keys.command()
def revoke(kid: Annotated[str, typer.Argument(help="The key, as `list` names it.")]) -> None:
    """Take a key out of force at once: whatever it signed is refused."""
    _run(lambda keeping: keeping.revoke(kid))


@keys.command()
def rewrap() -> None:
    """Seal all keys under JWT_SECRET_KEY; JWT_SECRET_KEY_OLD opens those that are sealed under the former one."""
    _run(lambda keeping: keeping.rewrap())


def _run(act: Callable[[KeyKeeping], Awaitable[object]]) -> None:
    async def keep_as_set() -> None:
        settings = load(AuthSettings)
        configure_logs("keys", level="error", style=settings.log_format)
        await keep(settings, act)

    run(keep_as_set)


async def keep(settings: AuthSettings, act: Callable[[KeyKeeping], Awaitable[object]]) -> None:
    """Do that, and write a line of JSON for each key; ``CannotStart`` with the reason when it cannot be done."""
    database = await open_database(SCHEMA, settings)
    try:
        keeping = KeyKeeping(database, settings.key_sealer, utc_now)
        await act(keeping)
        for key, state in await keeping.all():
            retired_at = key.retired_at and key.retired_at.isoformat()
            line = {"kid": key.kid, "state": state, "created_at": key.created_at.isoformat(), "retired_at": retired_at}
            sys.stdout.write(json.dumps(line | {"signs_from": key.signs_from.isoformat()}) + "\n")
    except Unreadable:
        raise CannotStart(
            "A key is sealed under neither JWT_SECRET_KEY nor JWT_SECRET_KEY_OLD. Nothing was changed."
        ) from None
    except Problem as problem:
        raise CannotStart(problem.detail) from problem
    finally:
        await database.close()
