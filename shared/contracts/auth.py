"""What auth publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.api_keys import Scope
from shared.contracts.events import Event
from shared.contracts.tenancy import MembershipStatus, Role


class JoinedVia(StrEnum):
    """The evidence that let a person in."""

    INVITATION = "invitation"
    DOMAIN = "domain"
    OPERATOR = "operator"


class UserEvent(Event):
    """About a person's account."""

    user_id: UUID = Field(description="The person: one account, whatever the number of their tenants.")
    email: str = Field(description="Their address, in the canonical form.")

    @property
    def subject(self) -> UUID:
        return self.user_id


class UserRegistered(UserEvent):
    """Somebody signed up; the address may still be unproven."""

    type: ClassVar[str] = "auth.user.registered.v1"

    name: str = Field(description="What the person is called.")
    email_verified: bool = Field(
        description="Whether the address is proven already, by the link of an invitation or an operator's word."
    )


class UserEmailVerified(UserEvent):
    """The person proved that the mailbox is theirs."""

    type: ClassVar[str] = "auth.user.email_verified.v1"


class MembershipEvent(Event):
    """About a person in one tenant; each carries the whole present state, so that a replica needs only the newest."""

    user_id: UUID = Field(description="The person.")
    tenant_id: UUID = Field(description="The tenant that they belong to.")
    email: str = Field(description="The person's proven address, in the canonical form.")
    name: str = Field(description="What the person is called.")
    role: Role = Field(description="What the person is in the tenant.")
    status: MembershipStatus = Field(description="`pending` waits for an admin's approval.")

    @property
    def subject(self) -> UUID:
        return self.user_id


class MembershipCreated(MembershipEvent):
    """A person with a proven address belongs to the tenant from now on, or waits for an admin's approval.

    Told again when a later invitation, or an operator, makes more of the membership; the newest says what it is.
    """

    type: ClassVar[str] = "auth.membership.created.v1"

    joined_via: JoinedVia = Field(description="The evidence that let the person in.")
    invitation_id: UUID | None = Field(None, description="The invitation that this consumed, if it was one.")


class MembershipChange(MembershipEvent):
    """Something has become of a membership."""

    changed_by: UUID | None = Field(description="Who did it; null for an invitation or an operator's word.")


class MembershipRoleChanged(MembershipChange):
    """The person may do more or less than before. Access tokens that say the former role are dead."""

    type: ClassVar[str] = "auth.membership.role_changed.v1"

    former_role: Role = Field(description="What the person was before.")
    dead_until: AwareDatetime = Field(
        description="When the last access token with the former role has expired. Later changes have later times."
    )


class MembershipApproved(MembershipChange):
    """The person waited for this, and is in."""

    type: ClassVar[str] = "auth.membership.approved.v1"


class MembershipRenamed(MembershipChange):
    """The tenant calls the person something else from now on."""

    type: ClassVar[str] = "auth.membership.renamed.v1"


class MembershipSuspended(MembershipChange):
    """The person is locked out of the tenant; sessions there have ended, and API keys that they made sleep."""

    type: ClassVar[str] = "auth.membership.suspended.v1"


class MembershipResumed(MembershipChange):
    """The suspension is over. What it ended stays ended."""

    type: ClassVar[str] = "auth.membership.resumed.v1"


class MembershipRemoved(MembershipChange):
    """The person belongs to the tenant no more; the rest says what they were."""

    type: ClassVar[str] = "auth.membership.removed.v1"


class SessionRevoked(Event):
    """A session ended before its time; its access tokens are dead."""

    type: ClassVar[str] = "auth.session.revoked.v1"

    session_id: UUID = Field(description="The session; `sid` in its access tokens.")
    user_id: UUID = Field(description="Whose session it was.")
    reason: str = Field(
        description="`signed_out`, `refresh_token_reused`, `password_changed`, `password_reset`, "
        "`membership_suspended`, `membership_removed`, `too_many_sessions`; others may follow."
    )
    dead_until: AwareDatetime = Field(
        description="When the last of its access tokens has expired, so that nobody need remember the session."
    )

    @property
    def subject(self) -> UUID:
        return self.session_id


class SignInFailed(Event):
    """Somebody tried a wrong password. Told for accounts with a proven address, in the tenant where they are at home.

    Tries beyond what the throttle lets pass are refused unseen, and not told.
    """

    type: ClassVar[str] = "auth.sign_in.failed.v1"

    user_id: UUID = Field(description="Whose account it was.")
    email: str = Field(description="Their address, in the canonical form.")
    address: str = Field(description="The network address that the try came from.")
    at: AwareDatetime = Field(description="When; the event itself follows within seconds.")

    @property
    def subject(self) -> UUID:
        return self.user_id


class ApiKeyEvent(Event):
    """About one API key of a tenant; never with the key itself."""

    key_id: UUID = Field(description="The key.")
    tenant_id: UUID = Field(description="The tenant that it acts in.")
    name: str = Field(description="What the key is called.")

    @property
    def subject(self) -> UUID:
        return self.key_id


class ApiKeyCreated(ApiKeyEvent):
    """A tool may act in the tenant from now on."""

    type: ClassVar[str] = "auth.api_key.created.v1"

    scopes: list[Scope] = Field(description="What it may do there, as long as whoever made it may.")
    created_by: UUID = Field(description="Who made it.")
    expires_at: AwareDatetime | None = Field(description="When it stops working by itself; null for never.")


class ApiKeyRevoked(ApiKeyEvent):
    """The key works no more."""

    type: ClassVar[str] = "auth.api_key.revoked.v1"

    revoked_by: UUID = Field(description="Who took it back, or removed the person who had made it.")
