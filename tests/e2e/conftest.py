"""The product that the stories are told about: one for each test worker, in a second."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.embedded.parts import SCHEMAS
from shared.logs import configure_logs
from tests.e2e.live import live_product
from tests.e2e.support import World
from tests.support.databases import Databases
from tests.support.logs import logs_as_before


@contextmanager
def logs_in(file: Path) -> Iterator[None]:
    """Keep the product's log out of what the tests print."""
    with file.open("w", buffering=1) as log, logs_as_before():
        configure_logs("product", level="info", style="json", stream=log)
        yield


@pytest.fixture(scope="session")
def product(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running product with its first tenant. Shared: make tenants and people of your own."""
    urls = {schema.service: asyncio.run(databases.fresh(schema)) for schema in SCHEMAS}
    folder = tmp_path_factory.mktemp("product")
    with logs_in(folder / "sparknode.log"), live_product(urls, folder / "mailbox") as live:
        world = World.of(live)
        yield world
        world.close()
