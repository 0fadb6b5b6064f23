"""Which services there are to work on, and the environment of each: ours, or that of the product of `sparknode up`."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cli.home import write_private
from cli.processes import Service, environment_of, variable_of
from cli.settings import CommandSettings
from shared.process import CannotStart
from shared.settings import load

NOTHING_DESCRIBED = (
    "Nothing here says where the services' databases are. Start `sparknode up` in {home}; or set AUTH_DATABASE_URL, "
    "AUTH_DATABASE_LOOKUP_URL and so on, as for `sparknode serve`; or {alone}."
)
ANY_ALONE = "where plain DATABASE_URL is one service's, name that service: --service auth"
ONE_ALONE = "DATABASE_URL and DATABASE_LOOKUP_URL of {service} alone"

Environments = dict[Service, dict[str, str]]


def described(services: Sequence[Service], given: Mapping[str, str] | None = None) -> Environments:
    """The environments of ``services``, or of all that there are; ``CannotStart`` when nothing describes them.

    AUTH_DATABASE_URL and so on come first, then the product that runs in $SPARKNODE_HOME, then plain DATABASE_URL for
    a single service that was named.
    """
    ours = dict(os.environ if given is None else given)
    if named := [service for service in services or Service if _is_in(ours, service)]:
        if missing := set(services) - set(named):
            variables = ", ".join(variable_of(service, "DATABASE_URL") for service in sorted(missing))
            raise CannotStart(f"Set {variables} too.")
        return {service: environment_of(service, ours) for service in named}
    home = load(CommandSettings).home
    if (theirs := _read(home.environment)) and home.is_occupied():
        return {service: environment_of(service, ours | theirs) for service in services or Service}
    if len(services) == 1 and ours.get("DATABASE_LOOKUP_URL"):
        return {services[0]: ours}
    alone = ONE_ALONE.format(service=services[0]) if len(services) == 1 else ANY_ALONE
    raise CannotStart(NOTHING_DESCRIBED.format(home=home.folder, alone=alone))


@contextmanager
def kept_environment(file: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """Let our own commands know ``variables``, while the block lasts."""
    write_private(file, json.dumps(dict(variables), indent=2) + "\n")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _is_in(environment: Mapping[str, str], service: Service) -> bool:
    return bool(environment.get(variable_of(service, "DATABASE_URL")))


def _read(file: Path) -> dict[str, str]:
    try:
        variables: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CannotStart(f"{file} cannot be read: {error}. `sparknode up` writes it anew.") from error
    return variables
