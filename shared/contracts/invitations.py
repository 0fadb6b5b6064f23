"""What invitations publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.events import Event
from shared.contracts.tenancy import Role


class InvitationEvent(Event):
    """About one invitation."""

    invitation_id: UUID = Field(description="The invitation.")
    tenant_id: UUID = Field(description="The tenant that it leads to.")
    email: str = Field(description="Who is invited: an address in the canonical form.")

    @property
    def subject(self) -> UUID:
        return self.invitation_id


class InvitationCreated(InvitationEvent):
    """Somebody is asked to join: for the first time, or again under a new link, on the same terms or on new ones."""

    type: ClassVar[str] = "invitations.invitation.created.v1"

    role: Role = Field(description="What the person will be in the tenant.")
    invited_by: UUID | None = Field(description="Who asked them; null for the first owner of a new tenant.")


class InvitationSent(InvitationEvent):
    """The mail server took the mail with the link; told for each mail of the invitation."""

    type: ClassVar[str] = "invitations.invitation.sent.v1"


class InvitationBounced(InvitationEvent):
    """The mail server refused the mail for good, or every attempt to send it was in vain."""

    type: ClassVar[str] = "invitations.invitation.bounced.v1"

    reason: str = Field(description="In the words of the mail server, or ours.")


class RevocationReason(StrEnum):
    """Why an invitation is no more."""

    TAKEN_BACK = "taken_back"
    INVITER_MAY_NOT = "inviter_may_not"
    ANOTHER_OWNER = "another_owner"


class InvitationRevoked(InvitationEvent):
    """The invitation was taken back; its link is dead."""

    type: ClassVar[str] = "invitations.invitation.revoked.v1"

    revoked_by: UUID = Field(
        description="Who took it back, named another first owner, or removed, suspended or demoted whoever had made "
        "it. Whoever had made it, where it is not known who did that."
    )
    reason: str = Field(
        RevocationReason.TAKEN_BACK,
        description="`taken_back`, `inviter_may_not` (whoever made it may not offer that any more), `another_owner` "
        "(is asked instead to be the first); others may follow.",
    )


class InvitationAccepted(InvitationEvent):
    """The invited person is in."""

    type: ClassVar[str] = "invitations.invitation.accepted.v1"

    user_id: UUID = Field(description="The account that the person came with.")


class InvitationExpired(InvitationEvent):
    """Nobody came in time."""

    type: ClassVar[str] = "invitations.invitation.expired.v1"
