"""Where the commands find the services' databases."""

from pathlib import Path

import pytest

from cli.described import described, kept_environment
from cli.home import Home
from cli.processes import Service
from shared.process import CannotStart

RUNNING = {"TENANTS_DATABASE_URL": "postgresql://of-up/tenants", "AMQP_URL": ""}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SPARKNODE_HOME", str(tmp_path))
    return Home(tmp_path)


def test_what_the_product_that_runs_here_works_on_is_found(home: Home) -> None:
    with home.occupied(), kept_environment(home.environment, RUNNING):
        found = described([Service.TENANTS], {"DATABASE_URL": "postgresql://elsewhere/x"})
    assert found[Service.TENANTS]["DATABASE_URL"] == "postgresql://of-up/tenants"


def test_what_a_product_that_was_killed_has_left_describes_nothing(home: Home) -> None:
    with kept_environment(home.environment, RUNNING), pytest.raises(CannotStart, match="Start `sparknode up`"):
        described([Service.TENANTS], {})
