"""Send an invitation again."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from services.invitations.issuing import Issuer
from services.invitations.repository import invitations, tenants
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ResendInvitation:
    """Mail a new link on the same terms. The old link is dead, the expiry starts anew; only the mail has the link."""

    database: Database
    issuer: Issuer

    async def __call__(self, caller: Caller, invitation_id: UUID) -> Invitation:
        async with self.database.transaction(caller.tenant_id) as tx:
            tenant = await tenants.get(tx)
            tenant.require_active()
            earlier = await invitations.lock(tx, invitation_id)
            return await self.issuer.issue_again(tx, tenant, earlier, by=caller)
