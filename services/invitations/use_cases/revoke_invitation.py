"""Take an invitation back."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from services.invitations.issuing import Issuer
from services.invitations.repository import invitations
from shared.contracts.caller import Caller
from shared.contracts.invitations import RevocationReason
from shared.database import Database


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    """The link is dead from now on. Revoking twice is a success, and told once."""

    database: Database
    issuer: Issuer

    async def __call__(self, caller: Caller, invitation_id: UUID) -> Invitation:
        async with self.database.transaction(caller.tenant_id) as tx:
            invitation = await invitations.lock(tx, invitation_id)
            invitation.offer.require_grantable_by(caller.role)
            reason = RevocationReason.TAKEN_BACK
            (revoked,) = await self.issuer.take_back(tx, invitation, by=caller.subject, reason=reason)
            return revoked
