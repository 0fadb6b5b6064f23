"""A signing key is published before it signs."""

from pathlib import Path

from shared.database.migrate import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add when a key begins to sign."""
    run_sql(Path(__file__).with_suffix(".sql"))
