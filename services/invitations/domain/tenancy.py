"""What is known here of the tenants and their people, from the events of the services that own them."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.errors import TenantSuspended
from shared.contracts.email import Email
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import UNSETTLED, TenantSettings


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
    """A person who is in a tenant already."""

    user_id: UUID
    email: Email
    name: str
