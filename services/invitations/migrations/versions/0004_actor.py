"""Events say who is behind them."""

from shared.database.migrate import run_sql
from shared.messaging import ACTOR_SQL

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room for that in the outbox."""
    run_sql(ACTOR_SQL)
