"""Request and response bodies about tenants."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, FailFast, Field, field_validator
from pydantic_core import PydanticCustomError

from services.tenants.domain.tenants import LONGEST_NAME, Tenant
from services.tenants.fields import DomainField, NameField, SlugField
from services.tenants.use_cases.create_tenant import NewTenant
from shared.contracts.email import EmailField
from shared.contracts.tenancy import EnrolmentMode, Role, TenantStatus
from shared.contracts.tenant_settings import SignInMethod
from shared.http.models import COMPOSED, WHOLE, Answer, Body, Flag, PageQuery, Timestamp

MOST_DOMAINS = 50
MOST_DAYS = 3650

Days = Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS), WHOLE]


def _some_each_once(methods: tuple[SignInMethod, ...]) -> tuple[SignInMethod, ...]:
    if not 0 < len(methods) == len(set(methods)):
        raise PydanticCustomError("methods_repeated", "Name at least one method, and each once.")
    return methods


SignInMethods = Annotated[
    tuple[SignInMethod, ...],
    FailFast(),
    AfterValidator(_some_each_once),
    Field(json_schema_extra={"minItems": 1, "maxItems": len(SignInMethod), "uniqueItems": True}),
]


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


class SettingsBody(Body):
    """What the tenant is to settle otherwise; what is left out stays. ``null`` leaves it to the installation."""

    self_sign_up: Flag = Field(True, description="Whether the tenant's e-mail domains let people in.")
    default_role: Literal[Role.MEMBER, Role.HR] = Field(
        Role.MEMBER, description="What people are whom a domain lets in."
    )
    session_days: Days | None = Field(
        None, description="After so many days people sign in anew, or earlier: the shorter counts."
    )
    session_idle_days: Days | None = Field(
        None, description="A session that is not used for so many days ends, or earlier."
    )
    display_name: NameField | None = Field(None, description="What mails and invitations call the tenant.")
    sign_in_methods: SignInMethods = Field(
        (SignInMethod.PASSWORD,), description="How people may sign in: with a password, with a link by mail, or either."
    )


class ChangeTenantBody(Body):
    """What is to be different; what is left out stays."""

    name: NameField | None = None
    settings: SettingsBody = SettingsBody()


class TenantQuery(PageQuery):
    """Which tenants are wanted."""

    q: Annotated[
        str,
        Field(max_length=LONGEST_NAME, description="A part of the name or of the slug, in any letter case."),
        COMPOSED,
    ] = ""


class SettingsAnswer(Answer):
    """What a tenant has settled for itself; ``null`` is as the installation has it."""

    self_sign_up: bool
    default_role: Role
    session_days: int | None
    session_idle_days: int | None
    display_name: str | None
    sign_in_methods: list[SignInMethod]


class TenantAnswer(Answer):
    """A tenant."""

    id: UUID
    name: str
    slug: str
    status: TenantStatus
    created_at: Timestamp
    settings: SettingsAnswer

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantAnswer":
        """What the outside may see of it."""
        return cls(
            id=tenant.id,
            name=tenant.name,
            slug=tenant.slug,
            status=tenant.status,
            created_at=tenant.created_at,
            settings=SettingsAnswer.model_validate(tenant.settings.model_dump()),
        )
