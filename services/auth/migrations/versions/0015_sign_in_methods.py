"""A session knows by which methods it began, and a link may be one of them."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column and the purpose."""
    run_sql(Path(__file__).with_suffix(".sql"))
