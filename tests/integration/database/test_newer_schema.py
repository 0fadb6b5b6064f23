"""What a newer release has migrated: a former one works with it, or leaves it alone; and so with what is not ours."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cli.embedded.parts import SCHEMAS
from shared.database.migrate import Schema, migrate, require_usable
from shared.database.roles import require_safe_role
from shared.process import CannotStart
from tests.integration.database.histories import a_schema
from tests.integration.database.made import run_as, value
from tests.support.connections import behind
from tests.support.databases import DatabaseUrls
from tests.support.waiting import eventually

FIRST = "CREATE TABLE first (); CREATE TABLE old (); GRANT SELECT ON alembic_version TO :app"
ADDS = "CREATE TABLE second ()"
TAKES_AWAY = "DROP TABLE old; COMMENT ON TABLE alembic_version IS 'needs 0002'"
TURN = "SELECT pg_advisory_lock(hashtext('sparknode migrate'))"
OTHERS_WHO_WAIT = """
    SELECT true FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'SELECT pg_try_advisory_lock%'
"""


async def migrated(schema: Schema, urls: DatabaseUrls) -> str:
    return await migrate(schema, owner_url=urls.owner, url=urls.serving, look_up_url=urls.look_up)


async def test_a_former_release_works_with_what_a_newer_one_has_added_to(empty: DatabaseUrls, tmp_path: Path) -> None:
    former, newer = a_schema(tmp_path, FIRST), a_schema(tmp_path, FIRST, ADDS)
    assert await migrated(newer, empty) == "0002"
    assert await migrated(former, empty) == "0002"
    assert await require_usable(former, empty.serving) == "0002"
    assert await value(empty.owner, "SELECT to_regclass('second')::text") == "second"


async def test_a_former_release_leaves_alone_what_a_newer_one_has_taken_from(
    empty: DatabaseUrls, tmp_path: Path
) -> None:
    former, newer = a_schema(tmp_path, FIRST), a_schema(tmp_path, FIRST, TAKES_AWAY)
    assert await migrated(newer, empty) == "0002"
    assert await require_usable(newer, empty.serving) == "0002"
    with pytest.raises(CannotStart, match=r"that know 0002; this one knows 0001\. A newer release migrated it"):
        await require_usable(former, empty.serving)
    passwords = empty.serving.replace("serving-password", "another")
    with pytest.raises(CannotStart, match="start that one"):
        await migrate(former, owner_url=empty.owner, url=passwords, look_up_url=empty.look_up)
    await require_safe_role(empty.serving)  # whose password is the same
    assert await migrated(a_schema(tmp_path, FIRST, TAKES_AWAY, ADDS), empty) == "0003"


async def test_a_former_release_that_waited_for_its_turn_finds_that_it_is_done(
    empty: DatabaseUrls, tmp_path: Path
) -> None:
    async with behind(empty) as connections, connections.lend() as newer:
        await newer.execute(TURN)
        former = asyncio.ensure_future(migrated(a_schema(tmp_path, FIRST), empty))

        async def it_waits() -> bool:
            return bool(await newer.fetchval(OTHERS_WHO_WAIT))

        await eventually(it_waits, "somebody to wait")
        await newer.execute("CREATE TABLE first (); CREATE TABLE alembic_version AS SELECT '0002' AS version_num")
        await newer.execute("SELECT pg_advisory_unlock_all()")
        assert await former == "0002"
    assert await value(empty.owner, "SELECT to_regclass('old')::text") is None


HAS_LANDMARK, OTHERS = "CREATE TABLE first ()", "CREATE TABLE others ()"


@pytest.mark.parametrize(
    ("revisions", "made"),
    [
        ("'0000'", OTHERS),
        ("'0001'", OTHERS),
        ("'0042'", OTHERS),
        ("'7b1d0c'", OTHERS),
        ("'0000'", HAS_LANDMARK),
        ("'7b1d0c'", HAS_LANDMARK),
        ("'0001', '0042'", HAS_LANDMARK),
    ],
)
async def test_what_others_have_migrated_is_left_alone(
    empty: DatabaseUrls, tmp_path: Path, revisions: str, made: str
) -> None:
    versions = f"CREATE TABLE alembic_version AS SELECT unnest(ARRAY[{revisions}]) AS version_num"
    await run_as(empty.owner, versions, made)
    with pytest.raises(CannotStart, match="Check which database the settings name"):
        await migrated(a_schema(tmp_path, FIRST), empty)
    assert await value(empty.owner, "SELECT to_regclass('old')::text") is None


@pytest.mark.parametrize("theirs", SCHEMAS, ids=lambda schema: schema.service)
async def test_no_service_takes_the_database_of_another_for_its_own(
    fresh_database: Callable[[Schema], Awaitable[DatabaseUrls]], theirs: Schema
) -> None:
    urls = await fresh_database(theirs)
    assert await require_usable(theirs, urls.serving) == theirs.head
    for schema in SCHEMAS:
        if schema is not theirs:
            with pytest.raises(CannotStart, match=f"named for {schema.service} is not its own"):
                await require_usable(schema, urls.serving)
            with pytest.raises(CannotStart, match=f"named for {schema.service} is not its own"):
                await migrated(schema, urls)


@pytest.mark.parametrize("remark", ["Managed by the DBA team", "2", "0002", "needs 0002 ", "needs 2", "needs 0001"])
async def test_a_remark_that_is_none_of_ours_keeps_nobody_out(empty: DatabaseUrls, tmp_path: Path, remark: str) -> None:
    schema = a_schema(tmp_path, FIRST)
    await migrated(schema, empty)
    await run_as(empty.owner, f"COMMENT ON TABLE alembic_version IS '{remark}'")
    assert await require_usable(schema, empty.serving) == "0001"
