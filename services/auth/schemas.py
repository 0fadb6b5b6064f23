"""Request and response bodies that sign-up and sign-in share, and those of sign-up and invitations."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError, PydanticKnownError

from services.auth.domain.accounts import Membership, Tenant
from services.auth.domain.domain_claims import DomainClaim
from services.auth.domain.passwords import LONGEST, SHORTEST, check_length, normalised
from services.auth.errors.credentials import WeakPassword
from services.auth.sessions.issuer import SessionGrant
from services.auth.use_cases.preview_invitation import InvitationPreview, PreviewState
from shared.contracts.email import Email, EmailField
from shared.contracts.tenancy import MembershipStatus, Role
from shared.http.models import COMPOSED, OF_ATTRIBUTES, Answer, AsText, Body, Flag, Id, Query, Timestamp

LONGEST_TOKEN = 200
LONGEST_NAME = 200

Token = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_TOKEN)]
"""What stands behind ``token=`` in a link."""


def _of_good_length(password: SecretStr) -> SecretStr:
    try:
        check_length(normalised(password.get_secret_value()))
    except WeakPassword as error:
        raise PydanticCustomError(error.code, "{reason}", {"reason": error.detail}) from None
    return password


NewPassword = Annotated[
    SecretStr,
    AfterValidator(_of_good_length),
    Field(
        description=f"At least {SHORTEST} characters; 15 or more are recommended.",
        json_schema_extra={"minLength": SHORTEST, "maxLength": LONGEST},
    ),
]
"""A password that somebody chooses: neither too short nor too long, the rest is judged later."""

# Neither control characters nor those that turn the direction of writing around.
ONE_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"


def _visible(name: str) -> str:
    if not any(character.isprintable() and not character.isspace() for character in name):
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return name


VISIBLE = AfterValidator(_visible)
"""Behind a name: one whose characters are all invisible is as empty as none."""

PersonName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=LONGEST_NAME,
        pattern=ONE_LINE,
    ),
    COMPOSED,
    VISIBLE,
]
"""What a person is called, on one line, in NFC."""

AsCookie = Annotated[
    Flag,
    Field(description="Whether a browser keeps the refresh token in an HttpOnly cookie; it is then not in the body."),
]


class UserBody(Answer):
    """A person as a member of one tenant."""

    model_config = OF_ATTRIBUTES

    id: Id = Field(validation_alias="user_id")
    email: Email
    name: str
    tenant_id: Id
    role: Annotated[Role, AsText()]
    status: Annotated[MembershipStatus, AsText()]
    email_verified: bool
    created_at: Timestamp
    last_sign_in_at: Timestamp | None

    @classmethod
    def of(cls, membership: Membership) -> "UserBody":
        """The person of a membership."""
        return cls.model_validate(membership)


class TenantBody(Answer):
    """A customer."""

    model_config = OF_ATTRIBUTES

    id: Id
    slug: str
    name: str

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantBody":
        """What its members see of it."""
        return cls.model_validate(tenant)


class SessionBody(Answer):
    """Signed in: the tokens, whose they are, and for which tenant."""

    model_config = OF_ATTRIBUTES

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(description="Seconds until the access token expires.")
    refresh_token: str | None = Field(
        None, exclude_if=lambda token: token is None, description="Not there when it was set as a cookie."
    )
    user: UserBody = Field(validation_alias="membership")
    tenant: TenantBody

    @classmethod
    def of(cls, grant: SessionGrant) -> "SessionBody":
        """The answer to somebody who has just been signed in."""
        return cls.model_validate(grant)

    @classmethod
    def without_refresh_token(cls, grant: SessionGrant) -> "SessionBody":
        """The same for a browser, which gets the refresh token as a cookie."""
        return cls.of(grant).model_copy(update={"refresh_token": None})


class AcceptedBody(Answer):
    """What there was to do will be done; whether there was anything is not said."""

    status: Literal["accepted"] = "accepted"


class SignUpBody(Body):
    """Somebody wants an account."""

    email: EmailField
    password: NewPassword
    name: PersonName
    invitation_token: Token | None = Field(None, description="From the link of an invitation.")
    cookie: AsCookie = False


class VerificationRequiredBody(Answer):
    """A mail is on its way; its link goes on."""

    status: Literal["verification_required"] = "verification_required"
    email: Email


class TokenBody(Body):
    """A token from a link."""

    token: Token


class TokenForSessionBody(TokenBody):
    """A token from a link that signs somebody in."""

    cookie: AsCookie = False


class EmailBody(Body):
    """An address."""

    email: EmailField


class ApprovalRequiredBody(Answer):
    """The address is proven; an admin of the tenant has the last word."""

    status: Literal["approval_required"] = "approval_required"


class EnrolmentQuery(Query):
    """Whose sign-up it would be."""

    email: EmailField


class TenantNameBody(Answer):
    """What strangers see of a tenant."""

    name: str


class EnrolmentMode(StrEnum):
    """What signing up with an address leads to."""

    AUTOMATIC = "automatic"
    APPROVAL = "approval"
    NONE = "none"


class EnrolmentBody(Answer):
    """Where a sign-up with this address leads."""

    mode: EnrolmentMode
    tenant: TenantNameBody | None

    @classmethod
    def of(cls, found: tuple[DomainClaim, Tenant] | None) -> "EnrolmentBody":
        """What the sign-up page shows."""
        if found is None:
            return cls(mode=EnrolmentMode.NONE, tenant=None)
        claim, tenant = found
        return cls(mode=EnrolmentMode(claim.mode.value), tenant=TenantNameBody(name=tenant.shown_as))


class InvitationPreviewBody(Answer):
    """What the page behind an invitation link shows."""

    state: PreviewState
    tenant: TenantNameBody
    email: Email
    role: Role
    account_exists: bool

    @classmethod
    def of(cls, preview: InvitationPreview) -> "InvitationPreviewBody":
        """What the holder of the link may see."""
        return cls(
            state=preview.state,
            tenant=TenantNameBody(name=preview.tenant_name),
            email=preview.email,
            role=preview.role,
            account_exists=preview.account_exists,
        )
