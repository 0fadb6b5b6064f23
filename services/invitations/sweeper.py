"""Looks for invitations that have run out, as long as the service runs."""

import asyncio
from dataclasses import dataclass

import structlog

from services.invitations.use_cases.expire_invitations import ExpireInvitations

PAUSE_SECONDS = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Marks them once a minute. Whether it runs changes only when others are told, never who gets in."""

    expire_invitations: ExpireInvitations
    pause_seconds: float = PAUSE_SECONDS

    async def run(self) -> None:
        """Sweep until cancelled; what goes wrong is logged and tried again after the pause."""
        while True:
            try:
                if marked := await self.expire_invitations():
                    log.info("invitations expired", count=marked)
            except Exception as error:  # noqa: BLE001 - the sweeper outlives every failure
                log.warning("sweep failed", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(self.pause_seconds)
