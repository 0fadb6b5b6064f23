"""Domains that once counted are remembered as such."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make room for it."""
    run_sql(Path(__file__).with_suffix(".sql"))
