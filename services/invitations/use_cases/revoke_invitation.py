"""Take an invitation back."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations import facts
from services.invitations.domain.invitation import Invitation
from services.invitations.mailing import InvitationMails
from services.invitations.repository import invitations
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    """The link is dead from now on. Revoking twice is a success, and told once."""

    database: Database
    mails: InvitationMails
    clock: Clock

    async def __call__(self, caller: Caller, invitation_id: UUID) -> Invitation:
        async with self.database.transaction(caller.tenant_id) as tx:
            invitation = await invitations.lock(tx, invitation_id)
            invitation.offer.require_grantable_by(caller.role)
            now = self.clock()
            revoked = invitation.revoke(by=caller.subject, at=now)
            if revoked == invitation:
                return revoked
            revoked = await self.mails.withdraw(tx, revoked, at=now)
            await invitations.save(tx, revoked)
            await tell(tx, facts.revoked(revoked, by=caller.subject), clock=self.clock)
        return revoked
