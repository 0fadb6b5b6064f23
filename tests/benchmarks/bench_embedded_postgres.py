"""How long the embedded server makes a newcomer, and every test worker, wait."""

import time
from pathlib import Path

from cli.postgres import EmbeddedPostgres


def seconds_to_start(folder: Path, *, durable: bool) -> float:
    """From the call to a server that answers; the server is stopped again."""
    began = time.perf_counter()
    with EmbeddedPostgres(folder, durable=durable):
        return time.perf_counter() - began


def test_first_and_second_start(tmp_path: Path) -> None:
    for durable in (True, False):
        folder = tmp_path / f"durable-{durable}"
        first = seconds_to_start(folder, durable=durable)
        second = min(seconds_to_start(folder, durable=durable) for _ in range(5))
        print(f"\ndurable={durable}: first start {first:.2f} s, next starts {second:.3f} s", end="")  # noqa: T201
