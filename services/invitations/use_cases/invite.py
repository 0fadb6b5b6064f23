"""Invite somebody, for the first time or again."""

from dataclasses import dataclass
from datetime import datetime

from services.invitations import facts
from services.invitations.domain.invitation import Invitation, new_invitation
from services.invitations.domain.offer import Issue, Offer
from services.invitations.errors import AlreadyMember
from services.invitations.links import Link
from services.invitations.mailing import InvitationMails
from services.invitations.repository import invitations, members, tenants
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.contracts.email import Email
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of it; ``url`` holds the secret link, which nothing shows again."""

    invitation: Invitation
    url: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Invite:
    """Ask an address to join the caller's tenant.

    While it is invited already, that invitation is sent afresh on the new terms, and its old link is dead.
    """

    database: Database
    mails: InvitationMails
    clock: Clock

    async def __call__(self, caller: Caller, email: Email, offer: Offer) -> Invited:
        offer.require_grantable_by(caller.role)
        link = Link.new()
        async with self.database.transaction(caller.tenant_id) as tx:
            tenant = await tenants.get(tx)
            tenant.require_active()
            await invitations.lock_addresses(tx, email)
            if await members.includes(tx, email):
                raise AlreadyMember
            now = self.clock()
            earlier = await self._still_open(tx, email, now)
            issue = Issue(offer, caller.subject, link.hash, now)
            if earlier:
                earlier.offer.require_grantable_by(caller.role)
                invitation = earlier.renew(issue)
            else:
                invitation = new_invitation(new_id(), tenant.id, email, issue)
            inviter = await members.find(tx, caller.subject)
            invitation = await self.mails.send(tx, invitation, link, tenant=tenant, inviter=inviter)
            await (invitations.save(tx, invitation) if earlier else invitations.add(tx, invitation))
            await tell(tx, facts.created(invitation), clock=self.clock)
        return Invited(invitation, self.mails.url(link, invitation), is_new=earlier is None)

    async def _still_open(self, tx: Transaction, email: Email, now: datetime) -> Invitation | None:
        """The pending invitation of the address; one whose time is over makes room."""
        earlier = await invitations.lock_pending(tx, email)
        if earlier is None or earlier.is_pending(now):
            return earlier
        expired = earlier.expire(at=now)
        await invitations.save(tx, expired)
        await tell(tx, facts.expired(expired), clock=self.clock)
        return None
