"""How long the embedded server makes a newcomer, and every test worker, wait."""

import time
from pathlib import Path

from cli.postgres import EmbeddedPostgres
from tests.benchmarks.figures import show


def seconds_to_start(folder: Path, *, durable: bool) -> float:
    """From the call to a server that answers; the server is stopped again."""
    began = time.perf_counter()
    with EmbeddedPostgres(folder, durable=durable):
        return time.perf_counter() - began


def test_first_and_second_start(tmp_path: Path) -> None:
    rows = []
    for durable in (True, False):
        folder = tmp_path / f"durable-{durable}"
        first = seconds_to_start(folder, durable=durable)
        second = min(seconds_to_start(folder, durable=durable) for _ in range(5))
        rows.append(("durable" if durable else "throwaway", f"{first:.2f} s", f"{second:.3f} s"))
    show("Starting the embedded PostgreSQL", ["", "first start", "next starts"], rows)
