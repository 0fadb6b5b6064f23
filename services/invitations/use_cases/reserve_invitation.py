"""Keep an invitation for a sign-up that is under way."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from services.invitations.domain.tenancy import Tenant
from services.invitations.errors import InvitationNotFound
from services.invitations.links import Link
from services.invitations.repository import invitations, look_up, tenants
from shared.clock import Clock
from shared.contracts.email import Email
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Reservation:
    """What auth needs to let the person in: tenant and role are the row's, whatever the sign-up says."""

    invitation: Invitation
    tenant: Tenant


@dataclass(frozen=True, slots=True)
class ReserveInvitation:
    """Reserve the invitation behind a link for an address. Once more is fine and keeps it for another minute."""

    database: Database
    clock: Clock

    async def __call__(self, link: Link, email: Email) -> Reservation:
        async with self.database.look_up() as rows:
            found = await look_up.by_token(rows, link.hash)
        if found is None:
            raise InvitationNotFound
        return await self._reserve(found.tenant_id, found.invitation_id, link, email)

    async def _reserve(self, tenant_id: UUID, invitation_id: UUID, link: Link, email: Email) -> Reservation:
        async with self.database.transaction(tenant_id) as tx:
            invitation = await invitations.lock(tx, invitation_id)
            if invitation.token_hash != link.hash:  # sent again since it was looked up
                raise InvitationNotFound
            reserved = invitation.reserve(email=email, at=self.clock())
            tenant = await tenants.get(tx)
            tenant.require_active()
            await invitations.save(tx, reserved)
        return Reservation(reserved, tenant)
