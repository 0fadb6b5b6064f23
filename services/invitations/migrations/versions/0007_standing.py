"""What members are, and which operator has named a first owner."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make room for both."""
    run_sql(Path(__file__).with_suffix(".sql"))
