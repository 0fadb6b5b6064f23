"""Take back what somebody offered and may not offer any more."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.issuing import Issuer
from services.invitations.repository import invitations
from shared.contracts.tenancy import Role
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class DropOffers:
    """Whoever made an invitation has seen its link: who is removed, locked out or demoted could come back by it as more
    than they are.

    Invitations to be a ``member`` stay, whoever made them: HR people leave, and those whom they invited still come.
    """

    issuer: Issuer

    async def __call__(self, tx: Transaction, user_id: UUID, role: Role | None, *, by: UUID) -> None:
        """The person is ``role`` now, or has no say in the tenant any more."""
        for invitation in await invitations.lock_raising_by(tx, user_id):
            if role is None or not role.may_grant(invitation.offer.role):
                # Not only when nobody is signing up with it: whoever has the link could begin that again and again.
                await self.issuer.make_room(tx, invitation.released(), by=by)
