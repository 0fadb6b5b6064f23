"""Send an invitation again."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations import facts
from services.invitations.domain.invitation import Invitation
from services.invitations.domain.offer import Issue
from services.invitations.links import Link
from services.invitations.mailing import InvitationMails
from services.invitations.repository import invitations, members, tenants
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class ResendInvitation:
    """Mail a new link on the same terms. The old link is dead, the expiry starts anew; only the mail has the link."""

    database: Database
    mails: InvitationMails
    clock: Clock

    async def __call__(self, caller: Caller, invitation_id: UUID) -> Invitation:
        link = Link.new()
        async with self.database.transaction(caller.tenant_id) as tx:
            tenant = await tenants.get(tx)
            tenant.require_active()
            earlier = await invitations.lock(tx, invitation_id)
            earlier.offer.require_grantable_by(caller.role)
            invitation = earlier.renew(Issue(earlier.offer, earlier.invited_by, link.hash, self.clock()))
            inviter = await members.find(tx, caller.subject)
            invitation = await self.mails.send(tx, invitation, link, tenant=tenant, inviter=inviter)
            await invitations.save(tx, invitation)
            await tell(tx, facts.created(invitation), clock=self.clock)
        return invitation
