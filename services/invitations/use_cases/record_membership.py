"""Take note that people are in a tenant."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from services.invitations import facts
from services.invitations.domain.invitation import Invitation, InvitationStatus
from services.invitations.domain.tenancy import Member
from services.invitations.errors import InvitationNotFound
from services.invitations.mailing import InvitationMails
from services.invitations.repository import invitations, members
from shared.clock import Clock
from shared.database import Transaction
from shared.messaging.outbox import tell

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RecordMembership:
    """Nobody need invite the people any more, and an invitation that brought one of them in is accepted.

    A membership is a fact. So the invitation is accepted even if it was revoked or ran out meanwhile, and not
    knowing it here keeps nobody out.
    """

    mails: InvitationMails
    clock: Clock

    async def __call__(self, tx: Transaction, *told: tuple[Member, int]) -> None:
        """Record members, each with the sequence of the event that told of them."""
        await invitations.lock_addresses(tx, *(member.email for member, _ in told))
        await members.put(tx, *told)

    async def accept(self, tx: Transaction, invitation_id: UUID, *, by: UUID) -> None:
        """The invitation has brought in ``by``, who is recorded."""
        try:
            invitation = await invitations.lock(tx, invitation_id)
        except InvitationNotFound:
            log.warning("membership by an unknown invitation", invitation_id=str(invitation_id))
            return
        await self._accept(tx, invitation, by=by)

    async def _accept(self, tx: Transaction, invitation: Invitation, *, by: UUID) -> None:
        now = self.clock()
        accepted = invitation.accept(by=by, at=now)
        if accepted == invitation:
            return
        if invitation.status is InvitationStatus.REVOKED:
            log.warning("membership by a revoked invitation", invitation_id=str(invitation.id))
        (accepted,) = await self.mails.withdraw(tx, accepted, at=now)
        await invitations.save(tx, accepted)
        await tell(tx, facts.accepted(accepted, by=by), clock=self.clock)
