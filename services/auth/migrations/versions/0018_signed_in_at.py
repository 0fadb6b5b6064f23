"""A session knows when its person signed in, also if it was entered from another."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the column."""
    run_sql(Path(__file__).with_suffix(".sql"))
