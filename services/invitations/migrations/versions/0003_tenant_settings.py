"""What tenants have settled for themselves."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make room for them."""
    run_sql(Path(__file__).with_suffix(".sql"))
