"""The migration step: roles and tables from nothing, whoever runs it and however often."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from cli.embedded.parts import SCHEMAS
from shared.database.migrate import Schema, migrate, require_usable
from shared.database.roles import require_safe_role
from shared.process import CannotStart
from tests.integration.database.histories import INDEX, a_schema
from tests.integration.database.made import PASSWORD, a_role, an_empty_database, run_as, value
from tests.support.connections import behind, waiting
from tests.support.databases import DatabaseUrls, Server
from tests.support.notebook import NOTEBOOK


async def migrated(schema: Schema, urls: DatabaseUrls, owner_url: str | None = None) -> str:
    return await migrate(schema, owner_url=owner_url or urls.owner, url=urls.serving, look_up_url=urls.look_up)


async def test_from_nothing_it_makes_all_that_serving_takes(empty: DatabaseUrls) -> None:
    assert await migrated(NOTEBOOK, empty) == NOTEBOOK.head
    for url in (empty.serving, empty.look_up):
        await require_safe_role(url)
        await require_usable(NOTEBOOK, url)


@pytest.mark.parametrize("schema", [NOTEBOOK, *SCHEMAS], ids=lambda schema: schema.service)
def test_the_revision_of_a_release_is_the_head_that_alembic_finds(schema: Schema) -> None:
    assert ScriptDirectory(str(schema.folder)).get_heads() == [schema.head]


async def test_again_changes_nothing(empty: DatabaseUrls) -> None:
    await migrated(NOTEBOOK, empty)
    await run_as(empty.owner, "INSERT INTO notes (tenant_id, text) VALUES (gen_random_uuid(), 'kept')")
    assert await migrated(NOTEBOOK, empty) == NOTEBOOK.head
    assert await value(empty.owner, "SELECT text FROM notes") == "kept"


async def test_two_at_once_take_turns(empty: DatabaseUrls) -> None:
    assert await asyncio.gather(*(migrated(NOTEBOOK, empty) for _ in range(4))) == [NOTEBOOK.head] * 4


async def test_a_new_password_takes_the_place_of_the_old(postgres: Server, empty: DatabaseUrls) -> None:
    await migrated(NOTEBOOK, empty)
    role = await value(empty.serving, "SELECT current_user")
    changed = postgres.url(empty.name, str(role), "another")
    await migrate(NOTEBOOK, owner_url=empty.owner, url=changed, look_up_url=empty.look_up)
    await require_safe_role(changed)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await require_safe_role(empty.serving)


@pytest.mark.parametrize("schema", [NOTEBOOK, *SCHEMAS], ids=lambda schema: schema.service)
async def test_its_owner_need_not_be_a_superuser(postgres: Server, schema: Schema) -> None:
    """As with every managed PostgreSQL."""
    async with (
        a_role(postgres, "postgres", "CREATEROLE") as owner,
        an_empty_database(postgres, owner=owner.name) as urls,
    ):
        owner_url = postgres.url(urls.name, owner.name, PASSWORD)
        await migrated(schema, urls, owner_url)
        await require_safe_role(urls.serving)
        changed = postgres.url(urls.name, str(await value(urls.serving, "SELECT current_user")), "another")
        await migrate(schema, owner_url=owner_url, url=changed, look_up_url=urls.look_up)
        await require_usable(schema, changed)


async def test_an_owner_who_may_make_no_roles_takes_those_that_are_there(postgres: Server, empty: DatabaseUrls) -> None:
    async with (
        a_role(postgres, "postgres") as owner,
        a_role(postgres, "postgres") as serving,
        a_role(postgres, "postgres") as look_up,
        an_empty_database(postgres, owner=owner.name) as urls,
    ):
        owner_url = postgres.url(urls.name, owner.name, PASSWORD)
        with pytest.raises(CannotStart, match=r"may not create the role .*CREATE ROLE"):
            await migrated(NOTEBOOK, urls, owner_url)
        ready, readable = (postgres.url(urls.name, role.name, PASSWORD) for role in (serving, look_up))
        await migrate(NOTEBOOK, owner_url=owner_url, url=ready, look_up_url=readable)
        await require_safe_role(ready)


async def test_a_role_that_owns_nothing_there_is_told_so(postgres: Server, empty: DatabaseUrls) -> None:
    async with a_role(postgres, "postgres", "CREATEROLE") as stranger:
        strange_url = postgres.url(empty.name, stranger.name, PASSWORD)
        with pytest.raises(CannotStart, match=r"may not change .* schema public\. Give DATABASE_MIGRATION_URL"):
            await migrated(NOTEBOOK, empty, strange_url)
        await migrated(NOTEBOOK, empty)
        with pytest.raises(CannotStart, match=r"may not change .* table alembic_version\. Give DATABASE_MIGRATION_URL"):
            await migrated(NOTEBOOK, empty, strange_url)


async def test_owner_and_serving_role_are_two(empty: DatabaseUrls) -> None:
    with pytest.raises(CannotStart, match="both name the role postgres"):
        await migrate(NOTEBOOK, owner_url=empty.owner, url=empty.owner, look_up_url=empty.look_up)


async def test_every_role_has_a_name(empty: DatabaseUrls) -> None:
    with pytest.raises(CannotStart, match="must each name a user"):
        await migrate(NOTEBOOK, owner_url=empty.owner, url=empty.serving, look_up_url="postgresql:///nobody")


async def test_a_database_that_is_not_there_is_named(postgres: Server, empty: DatabaseUrls) -> None:
    with pytest.raises(CannotStart, match="Check DATABASE_MIGRATION_URL"):
        await migrated(NOTEBOOK, empty, postgres.url("nowhere"))
    with pytest.raises(CannotStart, match="Check DATABASE_MIGRATION_URL"):
        await migrated(NOTEBOOK, empty, "postgresql://nobody@127.0.0.1:1/nowhere")


async def test_a_revision_that_fails_leaves_nothing_behind(empty: DatabaseUrls, tmp_path: Path) -> None:
    broken = a_schema(tmp_path, "CREATE TABLE first ()", "CREATE TABLE second (); SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrated(broken, empty)
    assert await value(empty.owner, "SELECT to_regclass('first')::text") is None
    mended = a_schema(tmp_path, "CREATE TABLE first ()", "CREATE TABLE second ()")
    assert await migrated(mended, empty) == "0002"
    assert await value(empty.owner, "SELECT to_regclass('second')::text") == "second"


INDEX_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('first_by_n')"


async def test_an_index_is_built_while_others_write(empty: DatabaseUrls, tmp_path: Path) -> None:
    await migrated(a_schema(tmp_path, "CREATE TABLE first (n int)"), empty)
    async with behind(empty) as connections, connections.lend() as somebody:
        async with somebody.transaction():
            await somebody.execute("INSERT INTO first VALUES (1)")
            building = asyncio.ensure_future(migrated(a_schema(tmp_path, "CREATE TABLE first (n int)", INDEX), empty))
            await waiting(connections, 1)
            await run_as(empty.owner, "SET lock_timeout = '5s'", "INSERT INTO first VALUES (2)")
        assert await building == "0002"
    assert await value(empty.owner, INDEX_IS_VALID) is True


async def test_two_at_once_who_would_build_an_index_take_turns(empty: DatabaseUrls, tmp_path: Path) -> None:
    """The one builds when nobody is in the middle of a statement any more, and the other waits for its turn."""
    schema = a_schema(tmp_path, "CREATE TABLE first (n int)", INDEX)
    assert await asyncio.gather(*(migrated(schema, empty) for _ in range(3))) == ["0002"] * 3


async def test_an_index_that_was_not_finished_is_begun_anew(empty: DatabaseUrls, tmp_path: Path) -> None:
    await migrated(a_schema(tmp_path, "CREATE TABLE first (n int); INSERT INTO first VALUES (1), (1)"), empty)
    with pytest.raises(asyncpg.UniqueViolationError):
        await run_as(empty.owner, "CREATE UNIQUE INDEX CONCURRENTLY first_by_n ON first (n)")
    assert await value(empty.owner, INDEX_IS_VALID) is False
    assert await migrated(a_schema(tmp_path, "", INDEX), empty) == "0002"
    assert await value(empty.owner, INDEX_IS_VALID) is True


async def test_whoever_stops_the_building_of_an_index_hears_of_nothing_else_and_may_go_on(
    empty: DatabaseUrls, tmp_path: Path
) -> None:
    await migrated(a_schema(tmp_path, "CREATE TABLE first (n int)"), empty)
    schema = a_schema(tmp_path, "CREATE TABLE first (n int)", INDEX)
    async with behind(empty) as connections, connections.lend() as somebody, somebody.transaction():
        await somebody.execute("INSERT INTO first VALUES (1)")
        building = asyncio.ensure_future(migrated(schema, empty))
        await waiting(connections, 1)
        building.cancel()
        with pytest.raises(asyncio.CancelledError):
            await building
    assert await value(empty.owner, INDEX_IS_VALID) is False
    assert await migrated(schema, empty) == "0002"
    assert await value(empty.owner, INDEX_IS_VALID) is True


async def test_a_revision_that_fails_after_an_index_leaves_that_and_nothing_of_its_own(
    empty: DatabaseUrls, tmp_path: Path
) -> None:
    before = ("CREATE TABLE first (n int)", INDEX)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrated(a_schema(tmp_path, *before, "CREATE TABLE second (); SELECT 1 / 0"), empty)
    assert await value(empty.owner, INDEX_IS_VALID) is True
    assert await value(empty.owner, "SELECT to_regclass('second')::text") is None
    assert await migrated(a_schema(tmp_path, *before, "CREATE TABLE second ()"), empty) == "0003"


LOGINS = """
    CREATE TABLE logins (pid int, told int);
    CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO logins SELECT pg_backend_pid(), count(*)
          FROM pg_settings WHERE source = 'client' AND name LIKE 'tcp%';
    END $$;
    CREATE EVENT TRIGGER note ON login EXECUTE FUNCTION note()
"""
HOLDERS = """
    CREATE TABLE first ();
    CREATE TABLE holders AS SELECT told FROM logins
     WHERE pid = pg_backend_pid() OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')
"""


async def test_the_server_lets_go_of_what_it_holds_for_a_migration_whose_machine_is_gone(
    empty: DatabaseUrls, tmp_path: Path
) -> None:
    """The turn, and the tables: or all others would wait for hours. None can be unplugged here, so it is only told."""
    await run_as(empty.owner, LOGINS)
    await migrated(a_schema(tmp_path, HOLDERS), empty)
    assert await value(empty.owner, "SELECT array_agg(told) FROM holders") == [4, 4]
