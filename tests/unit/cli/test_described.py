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


def test_who_may_name_a_service_is_told_how_and_who_means_one_what_it_reads(home: Home) -> None:
    with pytest.raises(CannotStart, match="name that service: --service auth"):
        described([], {})
    with pytest.raises(CannotStart, match="DATABASE_URL and DATABASE_LOOKUP_URL of auth alone") as caught:
        described([Service.AUTH], {})
    assert "--service" not in str(caught.value)
