"""One tenant is found among many at the same price."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Judge a tenant by its own membership, and index the suspended ones."""
    run_sql(Path(__file__).with_suffix(".sql"))
