"""The invitations that have let somebody in: remembered for good, also when that person has left again."""

from datetime import datetime
from uuid import UUID

from shared.database import Transaction

_MARK = """
    INSERT INTO used_invitations (invitation_id, tenant_id, user_id, used_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (invitation_id) DO NOTHING
"""


async def mark(tx: Transaction, invitation_id: UUID, tenant_id: UUID, user_id: UUID, at: datetime) -> bool:
    """Use the invitation up; false when it was before. Of many who try at once, one does."""
    return await tx.execute(_MARK, invitation_id, tenant_id, user_id, at) == 1
