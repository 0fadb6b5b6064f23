"""What auth knows of an invitation: what the invitations service tells of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.contracts.email import Email
from shared.contracts.tenancy import Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation of the person at hand, kept for them while they join. ``used``: it has let somebody in before.

    Nobody can take it back or send it anew before ``kept_until``. ``invited_by`` is a person or an API key of the
    tenant; its first owner was invited by nobody there, but named by an ``operator``.
    """

    id: UUID
    tenant_id: UUID
    role: Role
    used: bool = False
    kept_until: datetime | None = None
    invited_by: UUID | None = None
    operator: UUID | None = None


class InvitationState(StrEnum):
    """Where an invitation stands."""

    PENDING = "pending"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What the holder of a link may know of the invitation behind it."""

    id: UUID
    tenant_id: UUID
    tenant_name: str
    email: Email
    role: Role
    state: InvitationState
    accepted_by: UUID | None
    invited_by: UUID | None
    operator: UUID | None

    @property
    def kept(self) -> Invitation:
        """What it will be once it is reserved."""
        return Invitation(self.id, self.tenant_id, self.role, invited_by=self.invited_by, operator=self.operator)
