"""A revision that takes from a schema what former releases need says which releases can go on (decision 39)."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.embedded.parts import SCHEMAS
from shared.database.migrate import Schema, migrate
from tests.integration.database.histories import a_schema
from tests.integration.database.made import an_empty_database
from tests.integration.database.taking_away import Facts
from tests.support.connections import Connection, connected
from tests.support.databases import DatabaseUrls, Server

BEGIN_WITH = {"auth": "0019", "tenants": "0006", "invitations": "0005"}
"""Of what came before, no release starts on a newer schema."""

REMARK = "SELECT obj_description('alembic_version'::regclass, 'pg_class')"
NEEDS = re.compile(r"needs (\d{4})")

A_SCHEMA = """
    CREATE TABLE teams (id int PRIMARY KEY);
    CREATE TABLE people (id int PRIMARY KEY, name text, age int NOT NULL DEFAULT 1, team int REFERENCES teams);
    CREATE UNIQUE INDEX people_by_name ON people (name);
    CREATE INDEX people_by_age ON people (age);
    ALTER TABLE people ENABLE ROW LEVEL SECURITY;
    CREATE POLICY mine ON people USING (id > 0);
    CREATE FUNCTION count_people() RETURNS int LANGUAGE sql AS 'SELECT 1';
    ALTER TABLE people ADD boss int REFERENCES people ON DELETE SET NULL;
    ALTER TABLE people ADD CONSTRAINT adult CHECK (age > 0) NOT VALID;
    CREATE TRIGGER unchanged BEFORE UPDATE ON people
        FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
    GRANT SELECT ON people TO PUBLIC;
    GRANT UPDATE (name) ON people TO PUBLIC;
"""


@pytest.fixture(scope="module")
async def small(postgres: Server) -> AsyncIterator[Connection]:
    """A database of a few things."""
    async with an_empty_database(postgres) as urls, connected(urls.owner) as connection:
        await connection.execute(A_SCHEMA)
        yield connection


async def lost_by(connection: Connection, statement: str) -> list[str]:
    """What it takes away, without doing so."""
    before = await Facts.of(connection)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement)
        return before.lost_in(await Facts.of(connection))
    finally:
        await transaction.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE people",
        "DO $$ BEGIN DROP TABLE people; END $$",
        "ALTER TABLE people RENAME TO persons",
        "ALTER TABLE people DROP name",
        "ALTER TABLE people RENAME name TO title",
        "ALTER TABLE people ALTER name TYPE varchar(10)",
        "ALTER TABLE people ALTER name SET NOT NULL",
        "ALTER TABLE people ALTER age DROP DEFAULT",
        "ALTER TABLE people ALTER age DROP NOT NULL",
        'ALTER TABLE people ADD "order" int, ADD CHECK (age < "order")',
        "ALTER TABLE people ADD size int NOT NULL",
        "ALTER TABLE people ADD CHECK (age > 1)",
        "ALTER TABLE people ADD FOREIGN KEY (age) REFERENCES teams",
        "ALTER TABLE people ADD UNIQUE (age)",
        "ALTER TABLE people FORCE ROW LEVEL SECURITY",
        "ALTER TABLE teams ENABLE ROW LEVEL SECURITY",
        "ALTER POLICY mine ON people USING (id > 1)",
        "CREATE POLICY most ON people AS RESTRICTIVE USING (id > 1)",
        "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE people DROP CONSTRAINT people_boss_fkey",
        "CREATE TABLE things (team int REFERENCES teams)",
        "CREATE UNIQUE INDEX ON people (age)",
        "CREATE UNIQUE INDEX ON people (lower(name))",
        "DROP TRIGGER unchanged ON people",
        "CREATE TRIGGER t BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DROP INDEX people_by_name",
        "DROP POLICY mine ON people",
        "DROP FUNCTION count_people",
        "DROP FUNCTION count_people; CREATE FUNCTION count_people() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        "REVOKE SELECT ON people FROM PUBLIC",
        "REVOKE UPDATE (name) ON people FROM PUBLIC",
        "REVOKE EXECUTE ON FUNCTION count_people FROM PUBLIC",
    ],
)
async def test_taking_away_is_found(small: Connection, statement: str) -> None:
    assert await lost_by(small, statement) != []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE things (id int PRIMARY KEY, name text NOT NULL UNIQUE, team int NOT NULL REFERENCES teams"
        " ON DELETE CASCADE)",
        "ALTER TABLE people ADD size int NOT NULL DEFAULT 1",
        "ALTER TABLE people ADD size int CHECK (size > 1), ADD other int REFERENCES teams ON DELETE SET NULL",
        "ALTER TABLE people ADD code text UNIQUE",
        "ALTER TABLE people DROP CONSTRAINT people_team_fkey",
        "ALTER TABLE people VALIDATE CONSTRAINT adult",
        "DROP INDEX people_by_age",
        "DROP INDEX people_by_name; CREATE UNIQUE INDEX people_by_their_name ON people (name)",
        "CREATE POLICY more ON people USING (id < 0)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION f FROM PUBLIC",
        "GRANT INSERT ON people TO PUBLIC",
        "COMMENT ON TABLE people IS 'all of them'",
    ],
)
async def test_adding_takes_nothing_away(small: Connection, statement: str) -> None:
    assert await lost_by(small, statement) == []


HARMLESS = {("invitations", "0006"): "a mail may have a status more, and what others write still fits"}
"""What only looks as if it took away."""


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.service)
async def test_a_revision_that_takes_away_says_so(schema: Schema, empty: DatabaseUrls, tmp_path: Path) -> None:
    versions = [file.name[:4] for file in sorted((schema.folder / "versions").glob("[0-9]*.py"))]
    assert await broken_by(schema, versions[versions.index(BEGIN_WITH[schema.service]) :], empty, tmp_path) == []


FIRST = "CREATE TABLE first (); CREATE TABLE old ()"
GOES = "DROP TABLE old"
NEEDS_2 = "COMMENT ON TABLE alembic_version IS 'needs 0002'"


@pytest.mark.parametrize(
    ("later", "wrong"),
    [
        (["CREATE TABLE second ()"], []),
        ([GOES], ["0002 says nothing of ['table old']"]),
        ([f"{GOES}; {NEEDS_2}"], []),
        ([NEEDS_2, "SELECT 1", GOES], ["0004 says nothing of ['table old']"]),
        ([NEEDS_2, NEEDS_2.replace("2", "1")], ["0003: 'needs 0001' after 'needs 0002'"]),
        ([NEEDS_2.replace("needs", "knows")], ["0002: 'knows 0002' is no such remark"]),
    ],
)
async def test_what_a_history_does_not_say_is_found(
    empty: DatabaseUrls, tmp_path: Path, later: list[str], wrong: list[str]
) -> None:
    schema = a_schema(tmp_path, FIRST, *later)
    revisions = [f"{number:04}" for number in range(1, len(later) + 2)]
    assert await broken_by(schema, revisions, empty, tmp_path) == wrong


async def broken_by(schema: Schema, revisions: list[str], urls: DatabaseUrls, folder: Path) -> list[str]:
    """What is wrong with any of the ``revisions`` but the first, which is where it begins."""
    wrong: list[str] = []
    before, needed = None, "0000"
    for revision in revisions:
        former = until(revision, schema, folder / revision)
        await migrate(former, owner_url=urls.owner, url=urls.serving, look_up_url=urls.look_up)
        async with connected(urls.owner) as connection:
            after, remark = await Facts.of(connection), await connection.fetchval(REMARK)
        said = NEEDS.fullmatch(remark or "needs 0000")
        if said is None:
            return [f"{revision}: '{remark}' is no such remark"]
        if said[1] < needed:
            wrong.append(f"{revision}: 'needs {said[1]}' after 'needs {needed}'")
        elif before and said[1] == needed and (schema.service, revision) not in HARMLESS:
            wrong += [f"{revision} says nothing of {lost}" for lost in [before.lost_in(after)] if lost]
        before, needed = after, said[1]
    return wrong


def until(revision: str, schema: Schema, folder: Path) -> Schema:
    """The schema as of a revision."""
    (folder / "versions").mkdir(parents=True)
    shutil.copy(schema.folder / "env.py", folder)
    for file in (schema.folder / "versions").glob("[0-9]*.*"):
        if file.name[:4] <= revision:
            shutil.copy(file, folder / "versions")
    return Schema(schema.service, folder, schema.landmark)
