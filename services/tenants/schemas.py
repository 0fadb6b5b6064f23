"""Request and response bodies about tenants."""

from uuid import UUID

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from services.tenants.domain.tenants import LONGEST_NAME, Tenant
from services.tenants.fields import DomainField, NameField, SlugField
from services.tenants.use_cases.create_tenant import NewTenant
from shared.contracts.email import EmailField
from shared.contracts.tenancy import EnrolmentMode, TenantStatus
from shared.http.models import Answer, Body, PageQuery, Timestamp

MOST_DOMAINS = 50


class DomainBody(Body):
    """A domain that the operator knows to be the customer's."""

    domain: DomainField
    mode: EnrolmentMode = Field(description="What a proven address at this domain does for a person.")


class CreateTenantBody(Body):
    """A new customer."""

    name: NameField
    slug: SlugField
    domains: tuple[DomainBody, ...] = Field((), max_length=MOST_DOMAINS)
    owner_email: EmailField | None = Field(None, description="Gets an invitation to be the first owner.")

    @field_validator("domains")
    @classmethod
    def _each_once(cls, domains: tuple[DomainBody, ...]) -> tuple[DomainBody, ...]:
        if len({each.domain for each in domains}) < len(domains):
            raise PydanticCustomError("domain_repeated", "Name each domain once.")
        return domains

    def read(self) -> NewTenant:
        """What the use case is told."""
        domains = tuple((each.domain, each.mode) for each in self.domains)
        return NewTenant(self.name, self.slug, domains, self.owner_email)


class TenantQuery(PageQuery):
    """Which tenants are wanted."""

    q: str = Field("", max_length=LONGEST_NAME, description="A part of the name or of the slug, in any letter case.")


class TenantAnswer(Answer):
    """A tenant."""

    id: UUID
    name: str
    slug: str
    status: TenantStatus
    created_at: Timestamp

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantAnswer":
        """What the outside may see of it."""
        return cls(
            id=tenant.id,
            name=tenant.name,
            slug=tenant.slug,
            status=tenant.status,
            created_at=tenant.created_at,
        )
