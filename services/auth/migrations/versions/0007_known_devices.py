"""From where a person has signed in before."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    run_sql(Path(__file__).with_suffix(".sql"))
