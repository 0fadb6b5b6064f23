"""How figures are summed up and shown."""

import math
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

WIDE = 120
"""Columns where no terminal says how many it has."""


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest of ``values`` that ``percent`` of a hundred of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; whole numbers with their thousands apart, the first column as it is."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print()
    console.print(table)
