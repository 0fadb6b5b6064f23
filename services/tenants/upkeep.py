"""What has to be looked at from time to time, as long as the service runs."""

import asyncio
from dataclasses import dataclass

from services.tenants.use_cases.check_domains import CheckDomains
from services.tenants.use_cases.expire_claims import ExpireClaims
from services.tenants.use_cases.keep_audit_trail import KeepAuditTrail
from shared.recurring import recurring

PAUSE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Any number of them may run at once."""

    check_domains: CheckDomains
    expire_claims: ExpireClaims
    keep_audit_trail: KeepAuditTrail

    async def run(self) -> None:
        """Look now and every ten minutes, until cancelled; what goes wrong is logged and tried again then."""
        async with asyncio.TaskGroup() as side_by_side:
            for work in (self.keep_audit_trail, self.check_domains, self.expire_claims):
                side_by_side.create_task(recurring(work, every=PAUSE_SECONDS, otherwise="upkeep put off"))
