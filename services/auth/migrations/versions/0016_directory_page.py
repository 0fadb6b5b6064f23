"""A page of the directory is read by one statement, which is a transaction of its own."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the function that reads."""
    run_sql(Path(__file__).with_suffix(".sql"))
