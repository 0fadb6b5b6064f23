"""Keeping the audit trail as long as it is wanted, and room for what is to come."""

from dataclasses import dataclass
from datetime import timedelta

from services.tenants.repository import audit
from shared.clock import Clock
from shared.database import Database

MONTHS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class KeepAuditTrail:
    """Make the partitions of the next months, and drop those that were over ``retention`` ago.

    Nothing is lost where it could not do so: the rest takes in what no month has room for.
    """

    database: Database
    clock: Clock
    retention: timedelta

    async def __call__(self) -> None:
        now = self.clock()
        async with self.database.background() as across:
            await audit.make_months(across, now, ahead=MONTHS_AHEAD)
        async with self.database.background() as across:
            await audit.forget(across, now - self.retention)
