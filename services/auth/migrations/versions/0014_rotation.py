"""A refresh token is exchanged by one statement, which is a transaction of its own."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the function that exchanges."""
    run_sql(Path(__file__).with_suffix(".sql"))
