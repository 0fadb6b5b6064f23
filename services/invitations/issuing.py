"""Makes invitations, sends those that are open already afresh, and takes them back."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.invitations import facts
from services.invitations.domain.invitation import Invitation, new_invitation
from services.invitations.domain.offer import Issue, Offer
from services.invitations.domain.tenancy import Member, Tenant
from services.invitations.errors import InvitationNotPending, StandingUnsettled
from services.invitations.links import Link
from services.invitations.mailing import InvitationMails
from services.invitations.repository import invitations, members
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.contracts.email import Email
from shared.contracts.invitations import RevocationReason
from shared.contracts.tenancy import Role
from shared.database import Transaction
from shared.ids import new_id
from shared.messaging.outbox import tell


class Issued(NamedTuple):
    """What came of it; ``url`` holds the secret link, which nothing shows again."""

    invitation: Invitation
    url: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Issuer:
    """Does so in the caller's transaction, which is one of the tenant."""

    mails: InvitationMails
    clock: Clock

    async def issue(self, tx: Transaction, tenant: Tenant, email: Email, offer: Offer, *, by: Caller | None) -> Issued:
        """Mail a link on the terms of ``offer``: that of a new invitation, or of the one that is open, then renewed.

        ``tx`` holds ``invitations.lock_addresses`` for ``email``. ``by`` is nobody for the first owner, whom an
        operator names. ``RoleTooHigh`` when the open one is not theirs to change, ``StandingUnsettled`` when by what
        was heard of them they are less than their token says.
        """
        inviter = await self._hold(tx, by) if by else None
        earlier = await self._still_open(tx, email)
        if earlier and by:
            earlier.offer.require_grantable_by(by.role)
        link = Link.new()
        issue = Issue(offer, by.subject if by else None, link.hash, self.clock())
        invitation = earlier.renew(issue) if earlier else new_invitation(new_id(), tenant.id, email, issue)
        invitation = await self._send(tx, tenant, invitation, link, inviter)
        await (invitations.save(tx, invitation) if earlier else invitations.add(tx, invitation))
        return Issued(invitation, self.mails.url(link, invitation), is_new=earlier is None)

    async def issue_again(self, tx: Transaction, tenant: Tenant, earlier: Invitation, *, by: Caller) -> Invitation:
        """Mail a new link of a locked invitation on the same terms, which stays that of whoever has invited.

        ``InvitationNotPending`` where they could not invite any more: the link would lead nowhere.
        """
        earlier.offer.require_grantable_by(by.role)
        await self._require_standing(tx, earlier)
        link = Link.new()
        renewed = earlier.renew(Issue(earlier.offer, earlier.invited_by, link.hash, self.clock()))
        renewed = await self._send(tx, tenant, renewed, link, await members.find(tx, by.subject))
        await invitations.save(tx, renewed)
        return renewed

    async def take_back(
        self, tx: Transaction, *locked: Invitation, by: UUID, reason: RevocationReason
    ) -> list[Invitation]:
        """The links of locked invitations are dead from now on; what was taken back before is left as it is.

        All in the same few statements: there may be thousands, and what else was told of by then waits for them.
        """
        now = self.clock()
        revoked = [each.revoke(by=by, at=now) for each in locked]
        if revoked == list(locked):
            return revoked
        revoked = await self.mails.withdraw(tx, *revoked, at=now)
        await invitations.save(tx, *revoked)
        told = [facts.revoked(each, by, reason) for each, before in zip(revoked, locked, strict=True) if each != before]
        await tell(tx, *told, clock=self.clock)
        return revoked

    async def make_room(self, tx: Transaction, *pending: Invitation, by: UUID, reason: RevocationReason) -> None:
        """Take back locked rows that stand as pending, or mark that their time is over."""
        now = self.clock()
        await self.take_back(tx, *(each for each in pending if each.is_pending(now)), by=by, reason=reason)
        await self._expire(tx, *(each for each in pending if not each.is_pending(now)))

    async def _require_standing(self, tx: Transaction, earlier: Invitation) -> None:
        if earlier.offer.role is Role.MEMBER or earlier.invited_by is None:
            return
        inviter = await members.recall(tx, earlier.invited_by)
        if inviter and not inviter.may_still_offer(earlier.offer.role):
            raise InvitationNotPending("Whoever has invited could not do so now. Invite the person anew.")

    async def _hold(self, tx: Transaction, by: Caller) -> Member | None:
        """Whoever invites. Who takes that right from them finds this invitation, or has done so by the time we look."""
        member = await members.hold(tx, by.subject)
        if member and not member.bears_out(by.role):
            raise StandingUnsettled
        return member

    async def _send(
        self, tx: Transaction, tenant: Tenant, invitation: Invitation, link: Link, inviter: Member | None
    ) -> Invitation:
        await tell(tx, facts.created(invitation), clock=self.clock)
        return await self.mails.send(tx, invitation, link, tenant=tenant, inviter=inviter)

    async def _still_open(self, tx: Transaction, email: Email) -> Invitation | None:
        """The pending invitation of the address, which nobody else changes; one whose time is over makes room."""
        earlier = await invitations.lock_pending(tx, email)
        if earlier is None or earlier.is_pending(self.clock()):
            return earlier
        await self._expire(tx, earlier)
        return None

    async def _expire(self, tx: Transaction, *overdue: Invitation) -> None:
        if overdue:
            expired = [each.expire(at=self.clock()) for each in overdue]
            await invitations.save(tx, *expired)
            await tell(tx, *map(facts.expired, expired), clock=self.clock)
