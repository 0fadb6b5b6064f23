"""What the commands about events have in common: whom they are about, and how their work is run."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from aiormq.exceptions import AMQPError

from cli.processes import Service
from shared.errors import Problem
from shared.logs import configure_logs
from shared.messaging.reasons import reason_of
from shared.process import CannotStart

Services = Annotated[list[Service] | None, typer.Option("--service", help="Only this service's. May repeat.")]
Types = Annotated[
    list[str] | None, typer.Option("--type", help="Only events of this type: tenants.tenant.created.v1. May repeat.")
]

T = TypeVar("T")


def ask(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``work``; ``CannotStart`` says what it met."""
    configure_logs("sparknode", level="critical", style="console")
    try:
        return asyncio.run(work())
    except Problem as problem:
        raise CannotStart(problem.detail) from problem
    except AMQPError as error:
        raise CannotStart(f"The broker refuses: {reason_of(error)}") from error
