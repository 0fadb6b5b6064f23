"""What the database server of this run has used of the processor."""

import os
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.gateway.process import Running


def seconds_of_database() -> float:
    """All processes that descend from this one: the server, and those that serve connections."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may be gone by now
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    mine = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(Running(pid, 0).cpu_seconds for pid in mine - {os.getpid()})
