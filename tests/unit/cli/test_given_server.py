"""A server that is given by its address, and the databases that we have there."""

import pytest

from cli.embedded.databases import GivenServer, name_on, urls_on

ADDRESS = "postgresql://admin:p%40ss@db.example:6432/product?sslmode=require"


def test_another_database_is_reached_the_same_way() -> None:
    assert GivenServer(ADDRESS).url("x/y") == "postgresql://admin:p%40ss@db.example:6432/x%2Fy?sslmode=require"


def test_another_role_is_reached_the_same_way() -> None:
    reached = GivenServer(ADDRESS).url("x", "rôle", "p@ss/")
    assert reached == "postgresql://r%C3%B4le:p%40ss%2F@db.example:6432/x?sslmode=require"


def test_a_unix_socket_is_kept() -> None:
    reached = GivenServer("postgresql://postgres@/product?host=/run/pg").url("x", "role", "secret")
    assert reached == "postgresql://role:secret@/x?host=/run/pg"


@pytest.mark.parametrize(
    ("address", "name"), [(ADDRESS, "product"), ("postgresql://h", "sparknode"), ("postgresql://h/", "sparknode")]
)
def test_our_databases_are_called_after_the_one_that_is_named(address: str, name: str) -> None:
    assert name_on(GivenServer(address)) == name


def test_each_service_has_a_database_with_two_roles_called_after_it() -> None:
    urls = urls_on(GivenServer("postgresql://admin@h/product"), ["auth"], "secret")["auth"]
    assert urls.name == "product_auth"
    assert urls.owner == "postgresql://admin@h/product_auth"
    assert urls.serving == "postgresql://product_auth:secret@h/product_auth"
    assert urls.look_up == "postgresql://product_auth_lookup:secret@h/product_auth"
