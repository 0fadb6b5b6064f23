"""What has to be looked at from time to time, as long as the service runs."""

import asyncio
from dataclasses import dataclass

import structlog

from services.tenants.use_cases.check_domains import CheckDomains
from services.tenants.use_cases.expire_claims import ExpireClaims
from services.tenants.use_cases.keep_audit_trail import KeepAuditTrail

PAUSE_SECONDS = 600.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Any number of them may run at once."""

    check_domains: CheckDomains
    expire_claims: ExpireClaims
    keep_audit_trail: KeepAuditTrail

    async def run(self) -> None:
        """Look now and every ten minutes, until cancelled; what goes wrong is logged and tried again then."""
        while True:
            for what in (self.keep_audit_trail, self.check_domains, self.expire_claims):
                try:
                    await what()
                except Exception as error:  # noqa: BLE001 - a service does not stop serving because its upkeep does
                    log.warning("upkeep put off", reason=f"{type(error).__name__}: {error}")
            await asyncio.sleep(PAUSE_SECONDS)
