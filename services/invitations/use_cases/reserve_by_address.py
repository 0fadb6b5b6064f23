"""Find and keep an invitation for somebody who has just proven an address."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.invitations.repository import invitations, look_up, tenants
from services.invitations.repository.look_up import Whereabouts
from services.invitations.use_cases.reserve_invitation import Reservation
from shared.clock import Clock
from shared.contracts.email import Email
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ReserveByAddress:
    """Reserve the newest invitation ``besides`` some that is open to ``email``, in whichever tenant; ``None`` if there
    is none.

    To be asked for a proven address only: here the mailbox is the proof, not a link.
    """

    database: Database
    clock: Clock

    async def __call__(self, email: Email, *, besides: Collection[UUID] = ()) -> Reservation | None:
        async with self.database.look_up() as rows:
            candidates = await look_up.open_to(rows, email, self.clock())
        for candidate in candidates:
            if candidate.invitation_id in besides:
                continue
            if reservation := await self._try(candidate, email):
                return reservation
        return None

    async def _try(self, found: Whereabouts, email: Email) -> Reservation | None:
        async with self.database.transaction(found.tenant_id) as tx:
            invitation = await invitations.lock(tx, found.invitation_id)
            now = self.clock()
            if not invitation.is_pending(now):  # taken back, or accepted, since it was looked up
                return None
            reserved = invitation.reserve(email=email, at=now)
            await invitations.save(tx, reserved)
            return Reservation(reserved, await tenants.get(tx))
