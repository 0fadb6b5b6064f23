"""What a link leads to, for the page that it opens."""

from dataclasses import dataclass

from services.invitations.domain.invitation import Invitation
from services.invitations.domain.tenancy import Tenant
from services.invitations.errors import InvitationNotFound
from services.invitations.links import Link
from services.invitations.repository import invitations, look_up, tenants
from shared.clock import Clock
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Preview:
    """What the page shows."""

    invitation: Invitation
    tenant: Tenant


@dataclass(frozen=True, slots=True)
class PreviewInvitation:
    """The invitation behind a link as it stands now, whatever became of it. Looking changes nothing."""

    database: Database
    clock: Clock

    async def __call__(self, link: Link) -> Preview:
        async with self.database.look_up() as rows:
            found = await look_up.by_token(rows, link.hash)
        if found is None:
            raise InvitationNotFound
        async with self.database.transaction(found.tenant_id) as tx:
            invitation = await invitations.get(tx, found.invitation_id)
            tenant = await tenants.get(tx)
        return Preview(invitation.seen_at(self.clock()), tenant)
