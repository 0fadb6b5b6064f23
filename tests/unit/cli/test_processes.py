"""One environment describes several processes."""

import pytest

from cli.processes import environment_of, given_as, program_of, require_own_databases
from shared.process import CannotStart

SHARED = {"DATABASE_URL": "plain", "PORT": "1", "AUTH_DATABASE_URL": "of auth", "AUTH_PORT": "8001", "AUTH_URL": "x"}


def test_a_process_has_its_own_variables_in_place_of_the_plain_ones() -> None:
    environment = environment_of("auth", SHARED)
    assert (environment["DATABASE_URL"], environment["PORT"]) == ("of auth", "8001")


def test_what_is_not_its_own_stays_plain() -> None:
    environment = environment_of("tenants", SHARED)
    assert (environment["DATABASE_URL"], environment["PORT"]) == ("plain", "1")


def test_a_variable_is_called_what_it_was_given_as() -> None:
    assert (given_as("auth", "PORT", SHARED), given_as("tenants", "PORT", SHARED)) == ("AUTH_PORT", "PORT")


def test_a_service_of_kubernetes_with_the_name_of_a_process_is_not_taken_for_its_port() -> None:
    linked = SHARED | {"AUTH_PORT": "tcp://10.0.171.239:80"}
    assert (environment_of("auth", linked)["PORT"], given_as("auth", "PORT", linked)) == ("1", "PORT")


def test_only_what_must_differ_is_translated() -> None:
    assert "URL" not in environment_of("auth", SHARED)


def test_several_services_never_share_a_database() -> None:
    with pytest.raises(CannotStart, match="TENANTS_DATABASE_MIGRATION_URL"):
        require_own_databases(["auth", "tenants"], {"DATABASE_MIGRATION_URL": "plain"})


def test_one_service_may_read_the_plain_variables() -> None:
    require_own_databases(["auth"], {})


def test_several_services_with_databases_of_their_own_are_fine() -> None:
    kinds = ("DATABASE_MIGRATION_URL", "DATABASE_URL", "DATABASE_LOOKUP_URL")
    names = [f"{service}_{kind}" for service in ("AUTH", "TENANTS") for kind in kinds]
    require_own_databases(["auth", "tenants"], dict.fromkeys(names, "x"))


@pytest.mark.parametrize(("process", "package"), [("auth", "services.auth"), ("gateway", "gateway")])
def test_a_process_is_a_package_that_is_run(process: str, package: str) -> None:
    assert program_of(process)[1:] == ["-m", package]
