"""Telling other services who belongs where, so that they can compare it with what they have heard."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.auth.repository import directory
from services.auth.repository.directory import Member, MemberKey
from shared.database import Database
from shared.messaging.watermark import watermark


@dataclass(frozen=True, slots=True)
class ListMembers:
    """All members with a proven address, of all tenants, page by page. Take the watermark first."""

    database: Database

    async def watermark(self) -> int:
        """The pages read from now on know of all events with smaller sequences."""
        return await watermark(self.database)

    async def __call__(self, *, after: MemberKey | None, limit: int) -> Sequence[Member]:
        """Up to ``limit`` of them behind ``after``, by tenant and person."""
        async with self.database.look_up() as across:
            return await directory.members(across, after=after, limit=limit)
