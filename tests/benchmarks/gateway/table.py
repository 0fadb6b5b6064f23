"""Figures as a table that can be pasted into a document."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.gateway.load import Outcome
from tests.benchmarks.pace import Pace, Spell


@dataclass(frozen=True, slots=True)
class Row:
    """What one proxy did under one load, the memory it had after it, and the processor time that it took."""

    proxy: str
    workload: str
    outcome: Outcome
    megabytes: float | None = None
    spells: Sequence[Spell] = ()


def middle(runs: Sequence[Row]) -> Row:
    """Several runs of one proxy under one load as one."""
    last = runs[-1]
    outcome = Outcome.middle_of([run.outcome for run in runs])
    return Row(last.proxy, last.workload, outcome, last.megabytes, [spell for run in runs for spell in run.spells])


def print_table(rows: Sequence[Row], reference: str, pace: Pace) -> None:
    """Grouped by load; the ratio is to ``reference``, of requests per second, at half load of p99.

    ``CPU µs`` is the proxy's own work for one request at the full pace of its core, and the ratio after it that of
    requests for so much work: the figures that other work on the machine spoils least.
    """
    heads = ("load", "proxy", "req/s", "p50 ms", "p99 ms", "MB", f"/ {reference}", "CPU µs", f"/ {reference}", "failed")
    lines = [heads, *(_cells(row, rows, reference, pace) for row in _grouped(rows))]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    lines.insert(1, tuple("-" * width for width in widths))
    print("\n")  # noqa: T201
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")  # noqa: T201


def _grouped(rows: Sequence[Row]) -> list[Row]:
    order = list(dict.fromkeys(row.workload for row in rows))
    return sorted(rows, key=lambda row: order.index(row.workload))


def _cells(row: Row, rows: Sequence[Row], reference: str, pace: Pace) -> tuple[str, ...]:
    outcome, work = row.outcome, _microseconds(row, pace)
    beside = next((r for r in rows if r.proxy == reference and r.workload == row.workload), None)
    ratio = saved = "-"
    if beside:
        half = row.workload.endswith("half load")
        faster = outcome.per_second / beside.outcome.per_second
        ratio = f"{outcome.p99 / beside.outcome.p99:.2f} p99" if half else f"{faster:.2f}"
        saved = f"{_microseconds(beside, pace) / work:.2f}" if work else "-"
    return (
        row.workload,
        row.proxy,
        f"{outcome.per_second:,.0f}",
        f"{outcome.p50:.2f}",
        f"{outcome.p99:.2f}",
        f"{row.megabytes:.0f}" if row.megabytes else "-",
        ratio,
        f"{work:.0f}" if work else "-",
        saved,
        str(outcome.failed),
    )


def _microseconds(row: Row, pace: Pace) -> float:
    return pace.cpu_seconds(row.spells) * 1e6 / row.outcome.requests
