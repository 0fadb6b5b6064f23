"""What a gateway asks that was shown an API key."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from services.auth.api_keys.uses import KeyUses
from services.auth.domain.api_keys import KeyRights
from services.auth.repository import api_keys
from shared.clock import Clock
from shared.database import Database


@dataclass(frozen=True, slots=True)
class CheckApiKey:
    """What the key stands for; ``None`` if it is unknown, expired or asleep, which of these is nobody's business."""

    database: Database
    uses: KeyUses
    clock: Clock

    async def __call__(self, key_id: UUID, key_hash: bytes) -> KeyRights | None:
        async with self.database.look_up() as across:
            found = await api_keys.in_force(across, key_id)
        now = self.clock()
        if found is None:
            return None
        key, maker = found
        if not hmac.compare_digest(key.hash, key_hash) or (key.expires_at and key.expires_at <= now):
            return None
        self.uses.note(key.id, now)
        return KeyRights.of(key, maker)
