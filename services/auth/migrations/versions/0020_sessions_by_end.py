"""Sessions that are over are found without reading all that go on."""

from shared.database.migrate import build_index

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Index when they end."""
    build_index("sessions_by_end", "ON sessions (expires_at)")
