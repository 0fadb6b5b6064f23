"""First owners are found by the operator who has named them."""

from shared.database.migrate import build_index

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Index at whose word they are invited."""
    build_index(
        "invitations_pending_by_operator", "ON invitations (operator) WHERE status = 'pending' AND operator IS NOT NULL"
    )
