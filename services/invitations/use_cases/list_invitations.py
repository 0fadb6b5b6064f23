"""List invitations."""

from dataclasses import dataclass

from services.invitations.domain.invitation import Invitation
from services.invitations.repository.listing import Filter, Position, list_after
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ListInvitations:
    """Up to ``limit`` invitations of the caller's tenant as they stand now, newest first, behind ``after``."""

    database: Database
    clock: Clock

    async def __call__(self, caller: Caller, wanted: Filter, *, after: Position | None, limit: int) -> list[Invitation]:
        async with self.database.transaction(caller.tenant_id) as tx:
            return await list_after(tx, after, wanted, at=self.clock(), limit=limit)
