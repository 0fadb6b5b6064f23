"""Remembers when API keys were used, and writes it down now and then, many at a time."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.auth.repository import api_keys
from shared.database import Database
from shared.recurring import recurring

PERIOD_SECONDS = 15.0
MOST_WAITING = 10_000
"""Of different keys. Of what is beyond that a later use is written down."""


@dataclass(frozen=True, slots=True)
class KeyUses:
    """No request waits for the database here; what a dying process has not written is forgotten."""

    database: Database
    _waiting: dict[UUID, datetime] = field(default_factory=dict)

    def note(self, key_id: UUID, at: datetime) -> None:
        """The key was used."""
        if key_id in self._waiting or len(self._waiting) < MOST_WAITING:
            self._waiting[key_id] = at

    async def run(self) -> None:
        """Write down what was noted, every few seconds until cancelled."""
        await recurring(self.write, every=PERIOD_SECONDS, otherwise="uses of API keys not written")

    async def write(self) -> None:
        """Write down what was noted since; what cannot be written is noted still."""
        if not self._waiting:
            return
        uses = dict(self._waiting)
        async with self.database.background() as tx:
            await api_keys.note_uses(tx, uses)
        for key_id, at in uses.items():
            if self._waiting.get(key_id) == at:
                del self._waiting[key_id]
