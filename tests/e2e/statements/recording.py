"""Writes down every statement that a server is sent for the length of a block: who sent it, where, and its text."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cli.postgres import EmbeddedPostgres
from tests.support.connections import Connection, connected

_SETTINGS = {"log_statement": "'all'", "log_line_prefix": "'[[%u %d]] '"}
_ENTRY = re.compile(r"^\[\[(\S+) (\S+)\]\] LOG:  (?:execute \S+|statement): (.*?)(?=^\[\[|^DETAIL|\Z)", re.M | re.S)
_OF_ROWS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
_NOT_OURS = re.compile(r"\s*(SELECT (set_config|pg_\w+|1\b)|WITH RECURSIVE typeinfo_tree)")
"""Of tables without customers: the last is how the driver learns of a type."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One text, under one role in one database."""

    role: str
    database: str
    sql: str


@dataclass(slots=True)
class Recorded:
    """All that read or changed rows, each once."""

    statements: set[Statement] = field(default_factory=set)


@asynccontextmanager
async def recording(server: EmbeddedPostgres) -> AsyncIterator[Recorded]:
    """Statements since the beginning of the block; they are there after its end."""
    recorded = Recorded()
    async with connected(server.url("postgres")) as connection:
        await _set(connection, [f"SET {name} = {value}" for name, value in _SETTINGS.items()])
        began = server.log.stat().st_size
        try:
            yield recorded
        finally:
            await _set(connection, [f"RESET {name}" for name in _SETTINGS])
    with server.log.open("rb") as file:
        file.seek(began)
        recorded.statements |= set(read(file.read().decode(errors="replace")))


def read(log: str) -> list[Statement]:
    """What a log with our prefix tells of statements about rows."""
    told = (Statement(*entry) for entry in _ENTRY.findall(log.replace("\n\t", "\n")))
    return [each for each in told if is_about_rows(each.sql)]


def is_about_rows(sql: str) -> bool:
    """Whether a statement reads or changes rows of tables that have customers'."""
    return bool(_OF_ROWS.match(sql)) and not _NOT_OURS.match(sql)


async def _set(connection: Connection, changes: list[str]) -> None:
    for change in changes:
        await connection.execute(f"ALTER SYSTEM {change}")
    await connection.execute("SELECT pg_reload_conf()")
