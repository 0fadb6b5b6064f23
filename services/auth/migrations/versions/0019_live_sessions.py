"""A person's sessions that have not been ended are found without reading through those that have."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Index them."""
    run_sql(Path(__file__).with_suffix(".sql"))
