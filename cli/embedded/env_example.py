"""Writes ``.env.example``: every variable that any process reads, as the settings classes describe them."""

import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from cli.embedded.parts import SERVICES, SETTINGS
from cli.processes import OWN_VARIABLES, Process, variable_of
from cli.settings import UpSettings
from shared.settings import MigrationSettings

WIDTH = 110

HEADER = """\
# Every variable that sparknode reads. Written by `sparknode env-example`, from the settings classes.
#
# `make up` needs none of them. To run the processes one by one, copy this file to .env, fill in what stands without
# a value, and read it in:   set -a; . ./.env; set +a
# Then `sparknode migrate` and `sparknode serve NAME` give each process its own: AUTH_DATABASE_URL is auth's
# DATABASE_URL, AUTH_PORT its PORT. In a container of one process, plain DATABASE_URL and PORT do.
# What is commented out shows its default. Make keys with `openssl rand -base64 48`.
"""


def env_example() -> str:
    """The whole text of the file."""
    groups = [
        _group("Read by several processes", _lines(_fields_of_several())),
        *(_group(process, _process_lines(process)) for process in SETTINGS),
        _group("sparknode up", _up_lines()),
    ]
    return "\n".join([HEADER, *groups])


def _fields_of_several() -> dict[str, FieldInfo]:
    """What more than one process reads, in the words of the first."""
    met: dict[str, list[FieldInfo]] = {}
    for settings in SETTINGS.values():
        for name, field in settings.model_fields.items():
            met.setdefault(name, []).append(field)
    return {name: fields[0] for name, fields in met.items() if len(fields) > 1 and name.upper() not in OWN_VARIABLES}


def _process_lines(process: str) -> Iterator[str]:
    fields = SETTINGS[process].model_fields
    if process in SERVICES:
        fields = {**MigrationSettings.model_fields, **fields}
    for variable in OWN_VARIABLES:
        if field := fields.get(variable.lower()):
            value = _port_of(process) if variable == "PORT" else None
            yield from _variable(variable_of(process, variable), field, value)
    elsewhere = {*_fields_of_several(), *(variable.lower() for variable in OWN_VARIABLES)}
    yield from _lines({name: field for name, field in fields.items() if name not in elsewhere})


def _port_of(process: str) -> int:
    """Where the gateway looks for the service when nobody says anything else."""
    gateway = SETTINGS[Process.GATEWAY].model_fields
    if process == Process.GATEWAY:
        return int(gateway["port"].default)
    return urlsplit(gateway[f"{process}_url"].default).port or 0


def _up_lines() -> Iterator[str]:
    listed = {name for settings in SETTINGS.values() for name in settings.model_fields}
    for name, field in UpSettings.model_fields.items():
        if name not in listed or name.upper() in OWN_VARIABLES:
            yield from _variable(name.upper(), field)


def _group(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# --- {title} ".ljust(WIDTH, "-"), "", *lines])


def _lines(fields: Mapping[str, FieldInfo]) -> Iterator[str]:
    for name, field in fields.items():
        yield from _variable(name.upper(), field)


def _variable(name: str, field: FieldInfo, value: Any = None) -> Iterator[str]:
    yield from textwrap.wrap(field.description or "", WIDTH, initial_indent="# ", subsequent_indent="# ")
    if value is not None:
        yield f"{name}={value}"
    elif field.is_required():
        yield f"{name}="
    else:
        yield f"#{name}={_written(field.default)}"
    yield ""


def _written(default: Any) -> str:
    if default is None or isinstance(default, SecretStr):
        return ""
    text = str(default)
    return shlex.quote(text) if text else ""
