"""The audit trail, and the inbox through which it is filled."""

from pathlib import Path

from shared.database.migrate import run_sql
from shared.messaging import INBOX_SQL

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make them, with room for this month and the next ones."""
    run_sql(INBOX_SQL, Path(__file__).with_suffix(".sql"))
