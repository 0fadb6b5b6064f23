"""Answers to what was created under an Idempotency-Key."""

from shared.database.migrate import run_sql
from shared.http.idempotency import IDEMPOTENCY_KEYS_SQL

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make their table."""
    run_sql(IDEMPOTENCY_KEYS_SQL)
