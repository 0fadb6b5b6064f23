"""Invite the owner whom an operator named for a new tenant."""

from dataclasses import dataclass

from services.invitations import facts
from services.invitations.domain.invitation import new_invitation
from services.invitations.domain.offer import Issue, Offer
from services.invitations.domain.tenancy import Tenant
from services.invitations.links import Link
from services.invitations.mailing import InvitationMails
from services.invitations.repository import invitations, members
from shared.clock import Clock
from shared.contracts.email import Email
from shared.contracts.tenancy import Role
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class InviteOwner:
    """Ask an address to become an owner, in the transaction that made its tenant known here.

    Who is invited or in already is left alone, so that this may be repeated.
    """

    mails: InvitationMails
    clock: Clock

    async def __call__(self, tx: Transaction, tenant: Tenant, email: Email) -> None:
        await invitations.lock_addresses(tx, email)
        if await members.includes(tx, email) or await invitations.lock_pending(tx, email):
            return
        link = Link.new()
        issue = Issue(Offer(Role.OWNER), None, link.hash, self.clock())
        invitation = new_invitation(new_id(), tenant.id, email, issue)
        invitation = await self.mails.send(tx, invitation, link, tenant=tenant, inviter=None)
        await invitations.add(tx, invitation)
        await tell(tx, facts.created(invitation), clock=self.clock)
