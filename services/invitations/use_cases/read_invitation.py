"""Read one invitation."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from services.invitations.repository import invitations
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ReadInvitation:
    """An invitation of the caller's tenant as it stands now."""

    database: Database
    clock: Clock

    async def __call__(self, caller: Caller, invitation_id: UUID) -> Invitation:
        async with self.database.transaction(caller.tenant_id) as tx:
            invitation = await invitations.get(tx, invitation_id)
        return invitation.seen_at(self.clock())
