"""What it takes to change and to remove members."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add it."""
    run_sql(Path(__file__).with_suffix(".sql"))
