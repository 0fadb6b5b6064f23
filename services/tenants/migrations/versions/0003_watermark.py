"""Replicas can be compared with this service."""

from shared.database.migrate import run_sql
from shared.messaging import WATERMARK_SQL

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Let the look-up role take a number."""
    run_sql(WATERMARK_SQL)
