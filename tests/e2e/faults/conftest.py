"""Products that a test may kill."""

from collections.abc import Iterator

import pytest

from cli.postgres import EmbeddedPostgres
from tests.e2e.conftest import logs_in
from tests.e2e.faults.mortal import Mortal, mortal_product
from tests.e2e.faults.unsteady import Unsteady, unsteady_product


@pytest.fixture(scope="session")
def lives(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    """`sparknode up`, one life after the other."""
    with mortal_product(postgres, tmp_path_factory.mktemp("mortal") / "home") as product:
        yield product


@pytest.fixture
def mortal(lives: Mortal) -> Mortal:
    """Alive, whatever the test before did to it."""
    lives.live()
    return lives


@pytest.fixture(scope="module")
def unsteady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unsteady]:
    """The product on a database server of its own."""
    folder = tmp_path_factory.mktemp("unsteady")
    with logs_in(folder / "sparknode.log"), unsteady_product(folder) as product:
        yield product
