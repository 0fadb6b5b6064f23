"""Nobody serves under a role that row-level security does not bind."""

import asyncio

import pytest

from shared.database.roles import ensure_roles, require_safe_role
from shared.process import CannotStart
from tests.integration.database.made import a_role, an_empty_database, run_as
from tests.support.databases import DatabaseUrls, Server


async def test_the_roles_of_the_migration_step_are_safe(urls: DatabaseUrls) -> None:
    await require_safe_role(urls.serving)
    await require_safe_role(urls.look_up)


async def test_runs_on_several_databases_may_make_the_same_roles_at_once(postgres: Server) -> None:
    """Roles belong to the whole server, but an advisory lock only to its database."""
    async with an_empty_database(postgres) as first, an_empty_database(postgres) as second:
        owners = (first.owner, second.owner) * 5
        await asyncio.gather(*(ensure_roles(owner, first.serving, first.look_up) for owner in owners))
        await require_safe_role(first.serving)


async def test_a_superuser_does_not_serve(urls: DatabaseUrls) -> None:
    with pytest.raises(CannotStart, match=r"role postgres, because it is a superuser.*sparknode migrate"):
        await require_safe_role(urls.owner)


@pytest.mark.parametrize(
    ("power", "sentence"),
    [
        ("SUPERUSER", "is a superuser"),
        ("BYPASSRLS", "has BYPASSRLS"),
        ("CREATEROLE", "may create roles"),
        ("CREATEDB", "may create databases"),
    ],
)
async def test_a_role_with_a_power_does_not_serve(
    postgres: Server, urls: DatabaseUrls, power: str, sentence: str
) -> None:
    async with a_role(postgres, urls.name, power) as role:
        with pytest.raises(CannotStart, match=sentence):
            await require_safe_role(role.url)


async def test_the_owner_of_a_table_does_not_serve(postgres: Server, urls: DatabaseUrls) -> None:
    async with a_role(postgres, urls.name) as role:
        await run_as(urls.owner, f"CREATE TABLE own (); ALTER TABLE own OWNER TO {role.name}")
        with pytest.raises(CannotStart, match="owns tables"):
            await require_safe_role(role.url)


async def test_whoever_may_make_tables_does_not_serve(postgres: Server, urls: DatabaseUrls) -> None:
    async with a_role(postgres, urls.name) as role:
        await run_as(urls.owner, f"GRANT CREATE ON SCHEMA public TO {role.name}")
        with pytest.raises(CannotStart, match="may create tables"):
            await require_safe_role(role.url)


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS", "owner"])
async def test_whoever_may_become_a_powerful_role_does_not_serve(
    postgres: Server, urls: DatabaseUrls, power: str
) -> None:
    """NOINHERIT only means that it takes a SET ROLE."""
    async with (
        a_role(postgres, urls.name, "" if power == "owner" else power) as powerful,
        a_role(postgres, urls.name, "NOINHERIT") as role,
    ):
        await run_as(urls.owner, f"CREATE TABLE own (); ALTER TABLE own OWNER TO {powerful.name}")
        await run_as(urls.owner, f"GRANT {powerful.name} TO {role.name}")
        with pytest.raises(CannotStart, match="may become"):
            await require_safe_role(role.url)


async def test_being_in_a_harmless_group_is_no_power(postgres: Server, urls: DatabaseUrls) -> None:
    async with a_role(postgres, urls.name) as group, a_role(postgres, urls.name) as role:
        await run_as(urls.owner, f"GRANT {group.name} TO {role.name}")
        await require_safe_role(role.url)
