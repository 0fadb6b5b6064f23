"""What somebody has offered is found without reading what others have."""

from shared.database.migrate import build_index

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Index who has made what leads to more than a member."""
    build_index(
        "invitations_raising_by_inviter",
        "ON invitations (tenant_id, invited_by) WHERE status = 'pending' AND role <> 'member'",
    )
