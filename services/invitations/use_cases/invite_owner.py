"""Invite the first owner of a tenant, whom an operator names."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from services.invitations.domain.offer import Offer
from services.invitations.domain.tenancy import Tenant
from services.invitations.errors import TenantHasOwner
from services.invitations.issuing import Issuer
from services.invitations.repository import invitations, tenants
from shared.contracts.email import Email
from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role
from shared.database import Database, Transaction

_OWNERSHIP = Offer(Role.OWNER)


@dataclass(frozen=True, slots=True)
class InviteOwner:
    """Ask an address to become the owner of a tenant that has none. A member who accepts is raised to it.

    Whoever was asked before, at another address, which may be a stranger's, is asked no more. ``TenantHasOwner`` once
    anybody has accepted: the last owner of a tenant stays one, so from then on its own people decide who else is.
    """

    database: Database
    issuer: Issuer

    async def __call__(self, tenant_id: UUID, email: Email, *, by: UUID) -> Invitation:
        if tenant_id == PLATFORM_TENANT_ID:  # whose owners come by the word of whoever may run commands
            raise TenantHasOwner
        async with self.database.transaction(tenant_id) as tx:
            tenant = await tenants.lock(tx)
            tenant.require_active()
            await invitations.lock_addresses(tx, email)
            asked = await invitations.lock_pending_owners(tx)
            if await invitations.has_led_to_an_owner(tx):  # one of them, it may be, at this moment
                raise TenantHasOwner
            for earlier in asked:
                if earlier.email != email:
                    await self.issuer.make_room(tx, earlier, by=by)
            return (await self.issuer.issue(tx, tenant, email, _OWNERSHIP, by=None)).invitation

    async def named_at_first(self, tx: Transaction, tenant: Tenant, email: Email) -> None:
        """The same in the transaction that made the tenant known here, unless another has been asked since."""
        if not await invitations.has_named_an_owner(tx):
            await invitations.lock_addresses(tx, email)
            await self.issuer.issue(tx, tenant, email, _OWNERSHIP, by=None)
