"""The replicas can be compared with their owners."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Let the look-up role read them across tenants, and the serving role remove what is left over."""
    run_sql(Path(__file__).with_suffix(".sql"))
