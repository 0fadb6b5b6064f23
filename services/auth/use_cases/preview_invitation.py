"""Looking at an invitation before using it."""

from dataclasses import dataclass
from enum import StrEnum

from services.auth.domain.accounts import User
from services.auth.domain.invitations import InvitationState, InvitationView
from services.auth.peers.invitations import InvitationsPeer
from services.auth.repository import users
from shared.contracts.caller import Caller
from shared.contracts.email import Email
from shared.contracts.tenancy import Role
from shared.database import Database


class PreviewState(StrEnum):
    """What whoever holds the link can do with it."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    USED = "used"
    USED_BY_YOU = "used_by_you"
    WRONG_ACCOUNT = "wrong_account"


@dataclass(frozen=True, slots=True)
class InvitationPreview:
    """What the page behind the link shows. ``account_exists``: signing in goes on, rather than signing up."""

    state: PreviewState
    tenant_name: str
    email: Email
    role: Role
    account_exists: bool


@dataclass(frozen=True, slots=True)
class PreviewInvitation:
    """Show an invitation to whoever holds its link; nothing changes, however often a mail scanner does it."""

    database: Database
    invitations: InvitationsPeer

    async def __call__(self, caller: Caller | None, token: str) -> InvitationPreview:
        seen = await self.invitations.preview(token)
        async with self.database.look_up() as tx:
            invited = await users.find_by_email(tx, seen.email)
        return InvitationPreview(
            state=_state(seen, invited, caller),
            tenant_name=seen.tenant_name,
            email=seen.email,
            role=seen.role,
            account_exists=invited is not None and invited.is_verified,
        )


def _state(seen: InvitationView, invited: User | None, caller: Caller | None) -> PreviewState:
    if seen.state is InvitationState.ACCEPTED:
        by_you = caller is not None and seen.accepted_by == caller.subject
        return PreviewState.USED_BY_YOU if by_you else PreviewState.USED
    if seen.state is not InvitationState.PENDING:
        return PreviewState(seen.state.value)
    if caller and (invited is None or invited.id != caller.subject):
        return PreviewState.WRONG_ACCOUNT
    return PreviewState.VALID
