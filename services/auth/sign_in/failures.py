"""Remembers wrong passwords for the audit trail, and tells them a moment later, many at a time."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from itertools import groupby

import structlog

from services.auth.domain.accounts import User
from shared.clock import Clock
from shared.contracts.auth import SignInFailed
from shared.database import Database
from shared.messaging.outbox import tell

PERIOD_SECONDS = 1.0
MOST_WAITING = 1000
"""Of what is beyond that, the oldest is forgotten."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FailedSignIns:
    """No answer waits for the database here: it would tell who has an account. What a dying process has not told is
    forgotten."""

    database: Database
    clock: Clock
    waiting: deque[tuple[User, SignInFailed]] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))

    def note(self, user: User, address: str) -> None:
        """Somebody at ``address`` tried a wrong password. An account that nobody has proven yet is nobody's news."""
        if user.is_verified:
            failed = SignInFailed(user_id=user.id, email=user.email, address=address, at=self.clock())
            self.waiting.append((user, failed))

    async def run(self) -> None:
        """Tell what was noted, every second until cancelled."""
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            try:
                await self.write()
            except Exception as error:  # noqa: BLE001 - a service does not stop serving because of this
                log.warning("failed sign-ins not told", reason=f"{type(error).__name__}: {error}")

    async def write(self) -> None:
        """Tell what was noted since, each to the tenant where the account is at home; what fails is noted still."""
        noted = sorted(self.waiting, key=lambda each: each[0].tenant_id)
        for tenant_id, group in groupby(noted, key=lambda each: each[0].tenant_id):
            told = list(group)
            async with self.database.transaction(tenant_id) as tx:
                await tell(tx, *(failed for _, failed in told), clock=self.clock)
            for each in told:
                if each in self.waiting:
                    self.waiting.remove(each)
