"""Lets a new role take effect: whoever holds a token with the former one is nobody any more, at every gateway."""

from datetime import datetime
from uuid import UUID

from services.auth.domain.accounts import Membership
from services.auth.domain.sessions import dead_until
from services.auth.joining.membership_facts import told
from services.auth.repository import memberships
from shared.contracts.auth import MembershipRoleChanged
from shared.database import Transaction
from shared.messaging.outbox import tell


async def tell_new_role(
    tx: Transaction, before: Membership, after: Membership, *, by: UUID | None, at: datetime
) -> None:
    """Mark and tell that ``before`` has become ``after``, which is saved; nothing if the role is the same.

    ``by`` is nobody when an invitation or an operator's word did it. ``tx`` holds the membership.
    """
    if before.role is after.role:
        return
    changed_at = await memberships.mark_role_change(tx, after, at)
    event = MembershipRoleChanged(
        **told(after), changed_by=by, former_role=before.role, dead_until=dead_until(changed_at)
    )
    await tell(tx, event, clock=lambda: at)
