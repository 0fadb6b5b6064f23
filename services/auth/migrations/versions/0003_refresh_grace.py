"""A used refresh token keeps its successor for the one who holds it."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    run_sql(Path(__file__).with_suffix(".sql"))
