"""API keys."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make their table."""
    run_sql(Path(__file__).with_suffix(".sql"))
