"""What the other services are told about a membership."""

from typing import TypedDict
from uuid import UUID

from services.auth.domain.accounts import Membership
from shared.contracts.tenancy import MembershipStatus, Role


class Told(TypedDict):
    """Its present state."""

    user_id: UUID
    tenant_id: UUID
    email: str
    name: str
    role: Role
    status: MembershipStatus


def told(membership: Membership) -> Told:
    """What every event about a membership says."""
    return {
        "user_id": membership.user_id,
        "tenant_id": membership.tenant_id,
        "email": membership.email,
        "name": membership.name,
        "role": membership.role,
        "status": membership.status,
    }
