"""What somebody is invited to, and who may make such an offer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.invitations.errors import RoleTooHigh
from shared.contracts.tenancy import Role

LONGEST_MESSAGE = 1000
DEFAULT_VALID_DAYS = 7
MOST_VALID_DAYS = 90


@dataclass(frozen=True, slots=True)
class Offer:
    """A role, with a word from the inviter, for so many days.

    A tenant's first owner is invited by nobody there, but at the word of an ``operator``, whom no invitation shows.
    """

    role: Role = Role.MEMBER
    message: str | None = None
    valid_days: int = DEFAULT_VALID_DAYS
    operator: UUID | None = None

    @property
    def lifetime(self) -> timedelta:
        """How long the link works."""
        return timedelta(days=self.valid_days)

    def require_grantable_by(self, role: Role) -> None:
        """``RoleTooHigh`` unless somebody with ``role`` may grant the one offered here."""
        if not role.may_grant(self.role):
            raise RoleTooHigh


@dataclass(frozen=True, slots=True)
class Issue:
    """An offer going out: in whose name, under which link, and when.

    ``by`` is ``None`` for the owner whom an operator named with the tenant.
    """

    offer: Offer
    by: UUID | None
    token_hash: bytes
    at: datetime

    @property
    def expires_at(self) -> datetime:
        """From when on the link lets nobody in."""
        return self.at + self.offer.lifetime
