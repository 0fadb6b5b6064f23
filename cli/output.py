"""What the commands print: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDE = 1000
"""Columns of a table that no person looks at: room for everything on one line."""


def show(data: Any) -> None:
    """Print ``data`` as JSON."""
    typer.echo(json.dumps(data, indent=2, default=str))


def show_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, none: str) -> None:
    """Print ``columns`` of ``rows``, which may be dotted paths; ``none`` when there is no row. Nothing is cut off."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " ").replace(".", " "), overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row, column)) for column in columns))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table if table.row_count else none)


def _cell(row: Mapping[str, Any], column: str) -> str:
    value: Any = row
    for name in column.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
