"""Take note of what became of a mail."""

from dataclasses import dataclass, replace

from services.invitations import facts
from services.invitations.domain.delivery import Delivery, DeliveryStatus
from services.invitations.domain.invitation import Invitation
from services.invitations.repository import invitations
from shared.clock import Clock
from shared.contracts.invitations import InvitationBounced, InvitationSent
from shared.database import Transaction
from shared.mail.queue import Outcome, QueuedMail, Result
from shared.messaging.outbox import tell

_SHOWN = {
    Result.SENT: DeliveryStatus.SENT,
    Result.FAILED: DeliveryStatus.FAILED,
    Result.BOUNCED: DeliveryStatus.BOUNCED,
    Result.LAPSED: DeliveryStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """Let who invited see whether the mail went out, and tell of it, in the transaction that ends the mail.

    Only the newest mail of an invitation counts: the link of any other is dead.
    """

    clock: Clock

    async def __call__(self, tx: Transaction, mail: QueuedMail, outcome: Outcome) -> None:
        invitation = await invitations.lock_mailed(tx, mail.reference, mail.id)
        if invitation is None:
            return
        delivered = replace(invitation, delivery=Delivery(_SHOWN[outcome.result], outcome.at, outcome.error))
        await invitations.save(tx, delivered)
        await tell(tx, _fact(delivered), clock=self.clock)


def _fact(invitation: Invitation) -> InvitationSent | InvitationBounced:
    if invitation.delivery.status is DeliveryStatus.SENT:
        return facts.sent(invitation)
    return facts.bounced(invitation, invitation.delivery.error or "unknown")
