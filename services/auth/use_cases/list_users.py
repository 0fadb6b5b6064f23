"""Looking through the directory of a tenant."""

from dataclasses import dataclass

from services.auth.domain.accounts import Membership
from services.auth.repository import directory
from services.auth.repository.directory import ANYBODY, Filter, Position
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ListUsers:
    """Up to ``limit`` people of the caller's tenant that pass ``wanted``, oldest first, behind ``after``."""

    database: Database

    async def __call__(self, caller: Caller, wanted: Filter, *, after: Position | None, limit: int) -> list[Membership]:
        if wanted == ANYBODY:  # which is what most ask for
            async with self.database.single_call() as call:
                return await directory.everybody(call, caller.tenant_id, after=after, limit=limit)
        async with self.database.transaction(caller.tenant_id) as tx:
            return await directory.page(tx, caller.tenant_id, wanted, after=after, limit=limit)
