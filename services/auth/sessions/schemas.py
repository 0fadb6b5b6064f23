"""Request and response bodies of sign-in, sessions, the directory and the key set."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from services.auth.domain.devices import device_name
from services.auth.domain.members import Wanted
from services.auth.repository.directory import Filter
from services.auth.repository.sessions import OwnSession
from services.auth.schemas import AsCookie, NewPassword, PersonName, TenantBody, Token, UserBody
from services.auth.sign_in.elsewhere import MOST_TOLD
from services.auth.use_cases.list_revocations import Revocations
from services.auth.use_cases.who_am_i import Myself
from shared.contracts.caller import Caller
from shared.contracts.email import EmailField
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import MembershipStatus, Role
from shared.http.models import COMPOSED, Answer, Body, PageQuery, Query, Timestamp

LONGEST_SEARCH = 200


_DESTINATIONS = ("tenant_id", "invitation_token")
_TWO_DESTINATIONS: JsonDict = {
    "required": [*_DESTINATIONS],
    "properties": {name: {"type": "string"} for name in _DESTINATIONS},
}


class LogInBody(Body):
    """Who wants in."""

    model_config = ConfigDict(json_schema_extra={"not": _TWO_DESTINATIONS})

    email: EmailField
    password: SecretStr
    tenant_id: UUID | None = Field(None, description="The tenant to act in, if it is another than the home tenant.")
    invitation_token: Token | None = Field(
        None, description="From the link of an invitation: joins its tenant, and acts there. Not beside `tenant_id`."
    )
    cookie: AsCookie = False

    @model_validator(mode="after")
    def _one_destination(self) -> Self:
        if self.tenant_id and self.invitation_token:
            raise PydanticCustomError("two_destinations", "Name a tenant or bring an invitation, not both.")
        return self


class ElsewhereBody(Answer):
    """Beside a refusal for the sake of one tenant."""

    tenants: list[TenantBody] = Field(
        [],
        max_length=MOST_TOLD,
        description="Others where this account can sign in now, the one used last first: send one as `tenant_id`. "
        "Left out if there are none.",
    )


class RefreshBody(Body):
    """How a session goes on."""

    refresh_token: Token | None = Field(None, description="Without it the one in the cookie counts.")
    cookie: AsCookie = False


class ResetPasswordBody(Body):
    """A new password, and the right to set it."""

    token: Token = Field(description="From the link in the mail.")
    password: NewPassword


class ChangePasswordBody(Body):
    """Another password, and the one that it replaces."""

    current_password: SecretStr
    password: NewPassword


class SwitchTenantBody(Body):
    """Where to go on."""

    tenant_id: UUID
    cookie: AsCookie = False


class SignOutQuery(Query):
    """Which devices are signed out."""

    keep_current: bool = Field(False, description="Whether this device stays signed in.")


class OwnSessionBody(Answer):
    """A sign-in on one device, in one tenant."""

    id: UUID
    device: str = Field(description="What the software there calls itself, such as `Firefox on Windows`.")
    address: str = Field(description="From where it was used last.")
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp = Field(description="When it ends at the latest, however often it is used.")
    current: bool = Field(description="Whether it is the one that asks.")
    tenant: TenantBody

    @classmethod
    def seen_by(cls, caller: Caller) -> Callable[[OwnSession], Self]:
        """What a person sees of their own session, told from the one in which they ask."""
        return lambda own: cls(
            id=own.session.id,
            device=device_name(own.session.agent),
            address=own.session.address,
            created_at=own.session.created_at,
            last_used_at=own.session.last_used_at,
            expires_at=own.session.expires_at,
            current=own.session.id == caller.session_id,
            tenant=TenantBody.of(own.tenant),
        )


class BelongingBody(Answer):
    """What a person is in one of their tenants."""

    tenant: TenantBody
    role: Role
    status: MembershipStatus


class MyselfBody(Answer):
    """The signed-in person, the tenant of the token, what they may do there, and where they belong."""

    user: UserBody
    tenant: TenantBody
    permissions: list[Permission]
    memberships: list[BelongingBody]

    @classmethod
    def of(cls, myself: Myself) -> "MyselfBody":
        """What a person sees of themselves."""
        return cls(
            user=UserBody.of(myself.membership),
            tenant=TenantBody.of(myself.tenant),
            permissions=sorted(myself.permissions),
            memberships=[
                BelongingBody(tenant=TenantBody.of(tenant), role=membership.role, status=membership.status)
                for tenant, membership in myself.belongings
            ],
        )


class UserQuery(PageQuery):
    """Which people are wanted."""

    q: Annotated[
        str,
        Field(
            max_length=LONGEST_SEARCH,
            description="A part of name or e-mail address, in any letter case; of bücher.example all between two dots.",
        ),
        COMPOSED,
    ] = ""
    status: MembershipStatus | None = None
    role: Role | None = None

    def read(self) -> Filter:
        """What the use case is told."""
        return Filter(self.q or None, self.status, self.role)


class UserChangeBody(Body):
    """What a person is to be; what is left out stays."""

    role: Role | None = None
    status: Literal[MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED] | None = Field(
        None, description="`active` approves or resumes, `suspended` locks out."
    )
    name: PersonName | None = None

    def read(self) -> Wanted:
        """What the use case is told."""
        return Wanted(self.role, self.status, self.name)


class JwkBody(Answer):
    """The public half of a signing key (RFC 7517, RFC 7518 section 6.2.1)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class KeySetBody(Answer):
    """All keys that an access token may be signed with today."""

    keys: list[JwkBody]

    @classmethod
    def of(cls, keys: Iterable[Mapping[str, Any]]) -> "KeySetBody":
        """The document that verifiers load."""
        return cls(keys=[JwkBody(**key) for key in keys])


class EndedSessionBody(Answer):
    """A session whose access tokens are to be refused ``until`` the last of them has expired."""

    id: UUID
    until: Timestamp


class ChangedRoleBody(Answer):
    """What somebody is in a tenant since just now: their tokens that say another role are to be refused."""

    tenant_id: UUID
    user_id: UUID
    role: Role
    until: datetime = Field(description="When the last of those tokens has expired. Exact: later changes sort later.")


class RevocationsBody(Answer):
    """Everything by which an access token that has not expired is dead nevertheless."""

    sessions: list[EndedSessionBody]
    roles: list[ChangedRoleBody]
    tenants: list[UUID] = Field(description="Those that are suspended.")

    @classmethod
    def of(cls, revocations: Revocations) -> "RevocationsBody":
        """What a gateway loads."""
        ended = [EndedSessionBody(id=session_id, until=until) for session_id, until in revocations.sessions]
        changed = [
            ChangedRoleBody(tenant_id=tenant_id, user_id=user_id, role=role, until=until)
            for tenant_id, user_id, role, until in revocations.roles
        ]
        return cls(sessions=ended, roles=changed, tenants=revocations.tenants)
