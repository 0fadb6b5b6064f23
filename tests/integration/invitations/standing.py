"""What becomes of people, as auth tells of it."""

from typing import Any
from uuid import UUID

from shared.contracts.auth import MembershipChange, MembershipRoleChanged
from shared.contracts.caller import Caller
from shared.contracts.tenancy import Role
from tests.integration.invitations.company import Company, membership_change
from tests.integration.invitations.desk import Desk, Json

BY = UUID(int=9)
"""Whoever did it."""


async def becomes(desk: Desk, company: Company, who: Caller, kind: type[MembershipChange], **state: Any) -> None:
    """Something becomes of somebody; ``sequence`` says how new that is."""
    sequence = state.pop("sequence", None)
    state = {"role": who.role, "changed_by": BY} | state
    event = membership_change(kind, company, "inviter@example.com", user_id=who.subject, **state)
    await desk.hear(event, company.id, sequence)


async def is_now(desk: Desk, company: Company, who: Caller, role: Role, **state: Any) -> None:
    """Somebody has another role."""
    more: Json = {"role": role, "former_role": who.role, "dead_until": desk.clock()}
    await becomes(desk, company, who, MembershipRoleChanged, **more, **state)
