"""The mail that carries an invitation's link."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from services.invitations.domain.delivery import Delivery, DeliveryStatus
from services.invitations.domain.invitation import Invitation
from services.invitations.domain.tenancy import Member, Tenant
from services.invitations.links import Link
from shared.database import Transaction
from shared.mail import queue
from shared.mail.templates import MailTemplates
from shared.sealing import Sealer

TEMPLATES = Path(__file__).parent / "mails"
KIND = "invitation"


@dataclass(frozen=True, slots=True)
class InvitationMails:
    """Puts them into the mail queue, and takes them out again when their link has died."""

    sealer: Sealer
    templates: MailTemplates
    public_url: str

    async def send(
        self, tx: Transaction, invitation: Invitation, link: Link, *, tenant: Tenant, inviter: Member | None
    ) -> Invitation:
        """Send ``link`` if, and only if, ``tx`` commits; the invitation with its new mail.

        A mail that still waits with an earlier link is not sent any more.
        """
        if invitation.mail_id:
            await queue.withdraw(tx, invitation.mail_id)
        mail = self.templates.render(
            "invitation",
            invitation.email,
            email=invitation.email,
            tenant=tenant.shown_as,
            inviter=inviter,
            message=invitation.offer.message,
            url=self.url(link, invitation),
            expires=invitation.expires_at,
        )
        mail_id = await queue.enqueue(
            tx,
            self.sealer,
            invitation.tenant_id,
            mail,
            kind=KIND,
            reference=invitation.id,
            at=invitation.delivery.at,
            good_until=invitation.expires_at,
        )
        return replace(invitation, mail_id=mail_id)

    async def withdraw(self, tx: Transaction, *ended: Invitation, at: datetime) -> list[Invitation]:
        """Do not send what still waits for invitations that have ended; the invitations, which then say so."""
        withdrawn = await queue.withdraw(tx, *(each.mail_id for each in ended if each.mail_id))
        return [_unsent(each, at) if each.mail_id in withdrawn else each for each in ended]

    def url(self, link: Link, invitation: Invitation) -> str:
        """What the person opens."""
        return link.url(self.public_url, invitation.email)


def _unsent(ended: Invitation, at: datetime) -> Invitation:
    reason = f"The invitation was {ended.status} before its mail went out."
    return replace(ended, delivery=Delivery(DeliveryStatus.FAILED, at, reason))
