"""What a tenant settles for itself."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room for them."""
    run_sql(Path(__file__).with_suffix(".sql"))
