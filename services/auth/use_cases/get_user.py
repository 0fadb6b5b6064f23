"""Reading one line of the directory."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.accounts import Membership
from services.auth.errors.members import UserNotFound
from services.auth.repository import memberships
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class GetUser:
    """One person of the caller's tenant; people elsewhere are ``UserNotFound`` like people nowhere."""

    database: Database

    async def __call__(self, caller: Caller, user_id: UUID) -> Membership:
        async with self.database.transaction(caller.tenant_id) as tx:
            membership = await memberships.find(tx, caller.tenant_id, user_id)
        if membership is None:
            raise UserNotFound
        return membership
