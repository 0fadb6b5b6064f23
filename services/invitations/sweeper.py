"""Looks for invitations that have run out, as long as the service runs."""

from dataclasses import dataclass

import structlog

from services.invitations.use_cases.expire_invitations import ExpireInvitations
from shared.recurring import recurring

PAUSE_SECONDS = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Marks them once a minute. Whether it runs changes only when others are told, never who gets in."""

    expire_invitations: ExpireInvitations
    pause_seconds: float = PAUSE_SECONDS

    async def run(self) -> None:
        """Sweep until cancelled; what goes wrong is logged and tried again after the pause."""
        await recurring(self._sweep, every=self.pause_seconds, otherwise="sweep failed")

    async def _sweep(self) -> None:
        if marked := await self.expire_invitations():
            log.info("invitations expired", count=marked)
