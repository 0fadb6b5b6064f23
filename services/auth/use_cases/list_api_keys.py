"""Looking through the API keys of a tenant."""

from dataclasses import dataclass

from services.auth.domain.api_keys import IssuedKey
from services.auth.repository import api_keys
from services.auth.repository.api_keys import Position
from shared.contracts.caller import Caller
from shared.database import Database


@dataclass(frozen=True, slots=True)
class ListApiKeys:
    """Up to ``limit`` keys of the caller's tenant behind ``after``, oldest first, whoever made them."""

    database: Database

    async def __call__(self, caller: Caller, *, after: Position | None, limit: int) -> list[IssuedKey]:
        async with self.database.transaction(caller.tenant_id) as tx:
            return await api_keys.page(tx, caller.tenant_id, after=after, limit=limit)
