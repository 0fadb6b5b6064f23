"""The processes of the product as the commands see them: programs of their own, with environments of their own."""

import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum

from shared.process import CannotStart


class Service(StrEnum):
    """A process with a database."""

    AUTH = "auth"
    TENANTS = "tenants"
    INVITATIONS = "invitations"


class Process(StrEnum):
    """Any process."""

    AUTH = "auth"
    TENANTS = "tenants"
    INVITATIONS = "invitations"
    GATEWAY = "gateway"


DATABASE_VARIABLES = ("DATABASE_MIGRATION_URL", "DATABASE_URL", "DATABASE_LOOKUP_URL")
OWN_VARIABLES = (*DATABASE_VARIABLES, "HOST", "PORT")
"""What cannot be the same for all processes, so that one environment names it once for each: AUTH_DATABASE_URL."""

_LINK = "tcp://"
"""What AUTH_PORT begins with where a Kubernetes namespace has a Service `auth`: that is no port of ours."""


def program_of(process: str) -> list[str]:
    """The command that runs ``process``."""
    package = process if process == Process.GATEWAY else f"services.{process}"
    return [sys.executable, "-m", package]


def environment_of(process: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of ``process``: all of ours, in which ``AUTH_PORT`` stands for auth's ``PORT``, and so on."""
    environment = dict(os.environ if given is None else given)
    names = {variable: given_as(process, variable, environment) for variable in OWN_VARIABLES}
    return environment | {variable: environment[name] for variable, name in names.items() if name in environment}


def given_as(process: str, variable: str, given: Mapping[str, str] | None = None) -> str:
    """What the ``variable`` of ``process`` is called in our environment: AUTH_PORT where that is there, else PORT."""
    own = variable_of(process, variable)
    value = (os.environ if given is None else given).get(own, "")
    return own if value and not value.startswith(_LINK) else variable


def variable_of(process: str, variable: str) -> str:
    """The name of a process's own ``variable`` in an environment that several share."""
    return f"{process.upper()}_{variable}"


def require_own_databases(services: Sequence[str], given: Mapping[str, str] | None = None) -> None:
    """``CannotStart`` when several ``services`` would share a database, because the environment names just one."""
    environment = os.environ if given is None else given
    variables = [variable_of(service, variable) for service in services for variable in DATABASE_VARIABLES]
    missing = [variable for variable in variables if not environment.get(variable)]
    if len(services) > 1 and missing:
        raise CannotStart(
            f"Each service has a database of its own. Set {', '.join(missing)}; or name one service, which then reads "
            f"plain {', '.join(DATABASE_VARIABLES)}."
        )
