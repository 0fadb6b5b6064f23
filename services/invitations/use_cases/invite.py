"""Invite somebody, for the first time or again."""

from dataclasses import dataclass

from services.invitations.domain.offer import Offer
from services.invitations.errors import AlreadyMember
from services.invitations.issuing import Issued, Issuer
from services.invitations.repository import invitations, members, tenants
from shared.contracts.caller import Caller
from shared.contracts.email import Email
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Invite:
    """Ask an address to join the caller's tenant.

    While it is invited already, that invitation is sent afresh on the new terms, and its old link is dead.
    """

    database: Database
    issuer: Issuer

    async def __call__(self, caller: Caller, email: Email, offer: Offer) -> Issued:
        offer.require_grantable_by(caller.role)
        async with self.database.transaction(caller.tenant_id) as tx:
            tenant = await tenants.get(tx)
            tenant.require_active()
            await invitations.lock_addresses(tx, email)
            if await members.includes(tx, email):
                raise AlreadyMember
            return await self.issuer.issue(tx, tenant, email, offer, by=caller)
