"""One tenant is found among many at the same price, whoever a plan was made for."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Look for one membership, and index both of its halves."""
    run_sql(Path(__file__).with_suffix(".sql"))
