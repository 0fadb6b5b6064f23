"""Take back what somebody offered and may not offer any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from services.invitations.domain.tenancy import LEAST_OPERATOR
from services.invitations.issuing import Issuer
from services.invitations.repository import invitations, members
from shared.contracts.invitations import RevocationReason
from shared.contracts.tenancy import PLATFORM_TENANT_ID
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class DropOffers:
    """Whoever made an invitation has seen its link, or chosen its address: who is removed, locked out or demoted could
    come back by it as more than they are.

    Invitations to be a ``member`` stay, whoever made them: HR people leave, and those whom they invited still come.
    """

    issuer: Issuer

    async def __call__(self, tx: Transaction, user_id: UUID, *, by: UUID) -> None:
        """Judged by what the person is now, as ``tx`` has recorded it, which is no longer what some event says."""
        member = await members.lock(tx, user_id)
        if member is None:
            return
        made = await invitations.lock_raising_by(tx, user_id)
        await self._drop(tx, [each for each in made if not member.may_still_offer(each.offer.role)], by)
        if tx.tenant_id == PLATFORM_TENANT_ID and not member.bears_out(LEAST_OPERATOR):
            await self._drop_ownerships(tx, user_id, by)

    async def _drop_ownerships(self, tx: Transaction, operator: UUID, by: UUID) -> None:
        """Whoever was to be the first owner of a customer at the word of this operator."""
        await tx.act_for(operator)
        tenants = await invitations.tenants_named_in(tx, operator)
        await tx.act_for(None)
        for tenant_id in tenants:
            async with tx.acting_in(tenant_id):
                await self._drop(tx, await invitations.lock_named_by(tx, operator), by)

    async def _drop(self, tx: Transaction, offers: Sequence[Invitation], by: UUID) -> None:
        # Not only those with which nobody is signing up: whoever has the link could begin that again and again.
        released = [each.released() for each in offers]
        await self.issuer.make_room(tx, *released, by=by, reason=RevocationReason.INVITER_MAY_NOT)
