"""The first tables of the notebook."""

from pathlib import Path

from shared.database.migrate import TENANCY_SQL, run_sql
from shared.http.idempotency import IDEMPOTENCY_KEYS_SQL
from shared.messaging import ACTOR_SQL, INBOX_SQL, OUTBOX_SQL, WATERMARK_SQL

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    run_sql(TENANCY_SQL, OUTBOX_SQL, ACTOR_SQL, WATERMARK_SQL, INBOX_SQL, IDEMPOTENCY_KEYS_SQL)
    run_sql(Path(__file__).with_suffix(".sql"))
