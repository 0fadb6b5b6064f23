"""One server for all these tests: they start it and stop it, and leave its folder usable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.postgres import EmbeddedPostgres


@pytest.fixture(scope="package")
def used_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stopped server, which keeps what the tests before have put in."""
    folder = tmp_path_factory.mktemp("used")
    with EmbeddedPostgres(folder, durable=False):
        return folder


@pytest.fixture
def stopped(used_folder: Path) -> Iterator[EmbeddedPostgres]:
    """The server of that folder, for a test to start; stopped afterwards."""
    server = EmbeddedPostgres(used_folder, durable=False)
    yield server
    server.stop()


@pytest.fixture
def running(stopped: EmbeddedPostgres) -> EmbeddedPostgres:
    """The same server, started."""
    stopped.start()
    return stopped
