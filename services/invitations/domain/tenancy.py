"""What is known here of the tenants and their people, from the events of the services that own them."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.errors import TenantSuspended
from shared.contracts.email import Email
from shared.contracts.permissions import Permission, permissions_of
from shared.contracts.tenancy import PLATFORM_TENANT_ID, MembershipStatus, Role, TenantStatus
from shared.contracts.tenant_settings import UNSETTLED, TenantSettings

LEAST_OPERATOR = min(
    (role for role in Role if Permission.PLATFORM_OPERATE in permissions_of(role, PLATFORM_TENANT_ID)),
    key=lambda role: role.rank,
)
"""The lowest role of the platform tenant with which somebody operates the product."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Into which people are invited."""

    id: UUID
    name: str
    status: TenantStatus
    settings: TenantSettings = UNSETTLED

    @property
    def shown_as(self) -> str:
        """What people read who are not in it yet."""
        return self.settings.display_name or self.name

    def require_active(self) -> None:
        """``TenantSuspended`` when nobody may be let in."""
        if self.status is TenantStatus.SUSPENDED:
            raise TenantSuspended


@dataclass(frozen=True, slots=True)
class Member:
    """A person who is in a tenant; who has left it has no address and no name here any more, whatever else is kept.

    Of whom nothing was heard since they are kept, role and status are missing.
    """

    user_id: UUID
    email: Email
    name: str
    role: Role | None
    status: MembershipStatus | None

    @property
    def acts_as(self) -> Role | None:
        """The role in which they may do anything; ``None`` before they are let in, while locked out, and afterwards."""
        return self.role if self.email and self.status is MembershipStatus.ACTIVE else None

    def bears_out(self, role: Role) -> bool:
        """Whether a request may have come from them as ``role``, by all that was heard."""
        if self.email and self.status is None:
            return True
        return self.acts_as is not None and self.acts_as.rank >= role.rank

    def may_still_offer(self, role: Role) -> bool:
        """Whether they could invite somebody as ``role`` now, by all that was heard."""
        if self.email and self.status is None:
            return True
        return self.acts_as is not None and self.acts_as.may_grant(role)
