"""What tenants publishes."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.events import Event
from shared.contracts.tenancy import EnrolmentMode, TenantStatus
from shared.contracts.tenant_settings import TenantSettings


class TenantEvent(Event):
    """About one tenant; each carries the whole present state, so that a replica needs only the newest."""

    tenant_id: UUID = Field(description="The tenant.")
    name: str = Field(description="What people call it.")
    slug: str = Field(description="What addresses call it: a label of a host name, the tenant's own.")
    status: TenantStatus = Field(description="Nobody signs in to a suspended tenant.")
    settings: TenantSettings = Field(
        default_factory=TenantSettings,
        description="What it has settled for itself. Where this is missing, what was told before still holds.",
    )

    @property
    def subject(self) -> UUID:
        return self.tenant_id

    @property
    def tells_settings(self) -> bool:
        """Whether it says anything about the settings; older publishers do not."""
        return "settings" in self.model_fields_set


class TenantCreated(TenantEvent):
    """A new customer."""

    type: ClassVar[str] = "tenants.tenant.created.v1"

    owner_email: str | None = Field(
        None, description="Who is to be invited as its first owner, if the operator named anybody."
    )


class TenantSuspended(TenantEvent):
    """Nobody gets in any more, and who is in, is out."""

    type: ClassVar[str] = "tenants.tenant.suspended.v1"


class TenantResumed(TenantEvent):
    """The suspension is over."""

    type: ClassVar[str] = "tenants.tenant.resumed.v1"


class TenantUpdated(TenantEvent):
    """It is called something else, or has settled something else for itself."""

    type: ClassVar[str] = "tenants.tenant.updated.v1"


class DomainEvent(Event):
    """About one tenant's claim on an e-mail domain. The order is kept per tenant."""

    tenant_id: UUID = Field(description="Whose domain it is.")
    domain: str = Field(description="The domain, in the canonical form: lower case, A-labels.")

    @property
    def subject(self) -> UUID:
        return self.tenant_id


class DomainStateEvent(DomainEvent):
    """About a claim that is there; each carries its whole present state, so that a replica needs only the newest."""

    mode: EnrolmentMode = Field(
        description="What the domain does for a person who proves a mailbox there: `automatic` lets them in, "
        "`approval` lets them wait for an admin, `manual` does nothing by itself."
    )
    include_subdomains: bool = Field(description="Whether mailboxes at its true subdomains count as well.")


class DomainClaimed(DomainStateEvent):
    """A tenant says that a domain is its own. That counts for nothing until it is verified."""

    type: ClassVar[str] = "tenants.domain.claimed.v1"


class DomainVerified(DomainStateEvent):
    """The tenant's right to the domain is proven: by DNS, or by an operator's word."""

    type: ClassVar[str] = "tenants.domain.verified.v1"


class DomainUpdated(DomainStateEvent):
    """A verified domain does something else from now on."""

    type: ClassVar[str] = "tenants.domain.updated.v1"


class DomainLapsed(DomainStateEvent):
    """The proof is gone from the DNS: the domain lets nobody in any more. Who is in, stays."""

    type: ClassVar[str] = "tenants.domain.lapsed.v1"


class DomainRemoved(DomainEvent):
    """The claim is gone: given up, or never proven in time."""

    type: ClassVar[str] = "tenants.domain.removed.v1"
