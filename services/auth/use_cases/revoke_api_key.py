"""Taking an API key back."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.domain.members import require_permission
from services.auth.errors.keys import ApiKeyNotFound
from services.auth.repository import api_keys, memberships
from services.auth.signing_keys.revoking import told
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.contracts.permissions import Permission
from shared.database import Database
from shared.messaging.outbox import tell


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    """The key is gone for good, and every gateway hears of it. A key of another tenant is ``ApiKeyNotFound``.

    What the caller may do today counts, as for whoever makes one.
    """

    database: Database
    clock: Clock

    async def __call__(self, caller: Caller, key_id: UUID) -> None:
        async with self.database.transaction(caller.tenant_id) as tx:
            by = await memberships.find(tx, caller.tenant_id, caller.subject)
            require_permission(by, Permission.API_KEYS_MANAGE)
            key = await api_keys.remove(tx, caller.tenant_id, key_id)
            if key is None:
                raise ApiKeyNotFound
            await tell(tx, told(key, by=caller.subject), clock=self.clock)
