"""Roles, and the one tenant that is built in."""

from enum import StrEnum
from uuid import UUID

PLATFORM_TENANT_ID = UUID("00000000-0000-7000-8000-000000000001")
"""The tenant ``platform``, whose members are the operators. Its id is the same in every installation."""

PLATFORM_SLUG = "platform"


class Role(StrEnum):
    """What a person is in a tenant, from the most to the least powerful."""

    OWNER = "owner"
    ADMIN = "admin"
    HR = "hr"
    MEMBER = "member"

    @property
    def rank(self) -> int:
        """Higher may do more."""
        return _RANKS[self]

    def may_grant(self, role: "Role") -> bool:
        """Nobody grants a role above their own; ``hr`` grants ``member`` only, and a ``member`` grants nothing."""
        if self is Role.MEMBER:
            return False
        if self is Role.HR:
            return role is Role.MEMBER
        return role.rank <= self.rank


_RANKS = {Role.OWNER: 3, Role.ADMIN: 2, Role.HR: 1, Role.MEMBER: 0}


class MembershipStatus(StrEnum):
    """``pending`` waits for a proof of the address or for an admin's approval."""

    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"


class TenantStatus(StrEnum):
    """Nobody signs in to a suspended tenant."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class EnrolmentMode(StrEnum):
    """What a matching, proven e-mail domain does for a person; ``manual`` does nothing by itself."""

    AUTOMATIC = "automatic"
    APPROVAL = "approval"
    MANUAL = "manual"
