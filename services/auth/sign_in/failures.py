"""Remembers wrong passwords for the audit trail, and tells them a moment later, many at a time."""

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby

from services.auth.domain.accounts import User
from shared.clock import Clock
from shared.contracts.auth import SignInFailed
from shared.database import Database
from shared.messaging.outbox import tell
from shared.recurring import recurring

PERIOD_SECONDS = 1.0
MOST_WAITING = 1000
"""Of what is beyond that, the oldest is forgotten."""


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
        await recurring(self.write, every=PERIOD_SECONDS, otherwise="failed sign-ins not told")

    async def write(self) -> None:
        """Tell what was noted since, each to the tenant where the account is at home; what fails is noted still."""
        noted = sorted(self.waiting, key=lambda each: each[0].tenant_id)
        for tenant_id, group in groupby(noted, key=lambda each: each[0].tenant_id):
            told = list(group)
            async with self.database.transaction(tenant_id) as tx:
                await tell(tx, *(failed for _, failed in told), clock=self.clock)
            self._forget(told)

    def _forget(self, told: list[tuple[User, SignInFailed]]) -> None:
        """All but those: more may have come meanwhile, and the oldest have had to go for them."""
        forgotten = {id(each) for each in told}
        left = [each for each in self.waiting if id(each) not in forgotten]
        self.waiting.clear()
        self.waiting.extend(left)
