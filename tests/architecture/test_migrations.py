"""The migrations: a former release goes on beside the next revision, and starts on it, or is told not to."""

import re
from pathlib import Path

import pytest

from cli.embedded.parts import SCHEMAS

TAKES_AWAY = re.compile(
    r"\bDROP\s+(TABLE|COLUMN|VIEW|FUNCTION|POLICY|SCHEMA|TYPE)\b"
    r"|\bRENAME\b|\bALTER\s+COLUMN\s+\w+\s+(SET\s+NOT\s+NULL|(SET\s+DATA\s+)?TYPE|DROP\s+DEFAULT)\b"
    r"|\bREVOKE\b(?![^;]*\bFROM\s+PUBLIC\b)"  # which every new function has to be taken from
    r"|\bADD\s+COLUMN\b(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b",
    re.IGNORECASE,
)
SAYS_SO = re.compile(r"COMMENT ON TABLE alembic_version IS '(\d{4})'")
BODIES = re.compile(r"\$(\w*)\$.*?\$\1\$|--[^\n]*", re.DOTALL)
"""Of functions: what they do, they do later. And comments."""

REVISIONS = [file for schema in SCHEMAS for file in sorted((schema.folder / "versions").glob("[0-9]*.*"))]


def statements(text: str) -> str:
    """What a revision does itself."""
    return BODIES.sub("", text)


@pytest.mark.parametrize("file", REVISIONS, ids=lambda file: f"{file.parents[2].name}-{file.name}")
def test_a_revision_that_takes_away_says_which_releases_can_go_on(file: Path) -> None:
    text = statements(file.read_text())
    said = SAYS_SO.search(text)
    assert not TAKES_AWAY.search(text) or said, "what a former release needs goes; see decision 39"
    assert said is None or said[1] <= file.name[:4]


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE users",
        "ALTER TABLE users DROP COLUMN name",
        "ALTER TABLE users RENAME COLUMN name TO title",
        "ALTER TABLE users RENAME TO people",
        "ALTER TABLE users ALTER COLUMN name SET NOT NULL",
        "ALTER TABLE users ALTER COLUMN name TYPE integer USING 1",
        "ALTER TABLE users ADD COLUMN age int NOT NULL",
        "ALTER TABLE users ADD COLUMN age int NOT NULL, ADD COLUMN size int DEFAULT 1",
        "REVOKE SELECT ON users FROM :app",
        "drop policy members on users",
    ],
)
def test_taking_away_is_noticed(statement: str) -> None:
    assert TAKES_AWAY.search(statements(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE users (name text NOT NULL)",
        "ALTER TABLE users ADD COLUMN age int NOT NULL DEFAULT 1",
        "ALTER TABLE users ADD COLUMN age int, ADD COLUMN size int NOT NULL DEFAULT 1",
        "DROP INDEX users_by_name",
        "REVOKE EXECUTE ON FUNCTION f FROM PUBLIC",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE old; END $$",
        "-- RENAME later",
    ],
)
def test_adding_is_no_taking_away(statement: str) -> None:
    assert not TAKES_AWAY.search(statements(statement))
