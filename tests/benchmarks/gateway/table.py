"""Figures as a table that can be pasted into a document."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.gateway.load import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """What one proxy did under one load, the memory it had after it, and the processor time that it took."""

    proxy: str
    workload: str
    outcome: Outcome
    megabytes: float | None = None
    cpu_seconds: float | None = None


def middle(runs: Sequence[Row]) -> Row:
    """Several runs of one proxy under one load as one."""
    last = runs[-1]
    outcome = Outcome.middle_of([run.outcome for run in runs])
    return Row(last.proxy, last.workload, outcome, last.megabytes, sum(run.cpu_seconds or 0 for run in runs))


def print_table(rows: Sequence[Row], reference: str) -> None:
    """Grouped by load; the ratio is to ``reference``, of requests per second, at half load of p99.

    ``CPU µs`` is the proxy's own work for one request: the figure that other work on the machine spoils least.
    """
    heads = ("load", "proxy", "req/s", "p50 ms", "p99 ms", "CPU µs", "MB", f"/ {reference}", "failed")
    lines = [heads, *(_cells(row, rows, reference) for row in _grouped(rows))]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    lines.insert(1, tuple("-" * width for width in widths))
    print("\n")  # noqa: T201
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")  # noqa: T201


def _grouped(rows: Sequence[Row]) -> list[Row]:
    order = list(dict.fromkeys(row.workload for row in rows))
    return sorted(rows, key=lambda row: order.index(row.workload))


def _cells(row: Row, rows: Sequence[Row], reference: str) -> tuple[str, ...]:
    outcome = row.outcome
    beside = next((r.outcome for r in rows if r.proxy == reference and r.workload == row.workload), None)
    ratio = "-"
    if beside:
        half = row.workload.endswith("half load")
        ratio = f"{outcome.p99 / beside.p99 if half else outcome.per_second / beside.per_second:.2f}"
        ratio += " p99" if half else ""
    return (
        row.workload,
        row.proxy,
        f"{outcome.per_second:,.0f}",
        f"{outcome.p50:.2f}",
        f"{outcome.p99:.2f}",
        f"{row.cpu_seconds * 1e6 / outcome.requests:.0f}" if row.cpu_seconds else "-",
        f"{row.megabytes:.0f}" if row.megabytes else "-",
        ratio,
        str(outcome.failed),
    )
