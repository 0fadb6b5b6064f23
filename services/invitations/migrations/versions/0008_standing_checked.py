"""Roles and statuses are what they may be."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Look at the rows that were there before, while others go on."""
    run_sql(Path(__file__).with_suffix(".sql"))
