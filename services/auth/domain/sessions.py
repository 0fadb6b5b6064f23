"""Sessions: how long they live, how they end, and what becomes of a refresh token that is presented."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from uuid import UUID

from services.auth.domain.accounts import Membership, Tenant, User
from services.auth.domain.sign_in_methods import Methods
from services.auth.errors.admission import (
    ApprovalRequired,
    EmailUnverified,
    MembershipSuspended,
    SignInMethodNotAllowed,
    TenantSuspended,
)
from shared.contracts import access_token
from shared.contracts.tenancy import MembershipStatus
from shared.contracts.tenant_settings import TenantSettings
from shared.errors import Forbidden

CLOCK_MARGIN = timedelta(minutes=1)
"""How far the clocks of those who sign access tokens and those who check them may be apart."""

REFRESH_GRACE = timedelta(seconds=30)
"""For so long after its use a refresh token is answered with what it was exchanged for: two tabs that refresh at once
both go on, and so does a client that lost the answer."""

MOST_AT_ONCE = 1000
"""So many sessions of one person in one tenant go on side by side; whoever begins one more ends the oldest. What ends
all of them has to come to an end within a request, and every gateway remembers each of them for a while."""

OUTLIVED_BY = access_token.LIFETIME + CLOCK_MARGIN
"""For so long the last access token of a session may be good after the session is over."""

KEPT_AFTER_THE_END = timedelta(days=1)
"""Long enough for every access token of a session to have expired before the session is forgotten."""


class EndReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "refresh_token_reused"  # noqa: S105 - the name of a reason
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a reason
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a reason
    SUSPENDED = "membership_suspended"
    REMOVED = "membership_removed"
    TOO_MANY = "too_many_sessions"


@dataclass(frozen=True, slots=True)
class SessionLife:
    """A session ends ``absolute`` after its person signed in, or when it was not refreshed for ``idle``."""

    absolute: timedelta
    idle: timedelta

    def within(self, settings: TenantSettings) -> "SessionLife":
        """No longer than the tenant wants it, either."""
        return SessionLife(
            _shorter(self.absolute, settings.session_days), _shorter(self.idle, settings.session_idle_days)
        )


def _shorter(life: timedelta, days: int | None) -> timedelta:
    return life if days is None else min(life, timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in on one device, in one tenant; also the family of all refresh tokens that descend from it.

    ``signed_in_at`` is when the person showed who they are: before its beginning, if that was asked for in another one.
    """

    id: UUID
    tenant_id: UUID
    user_id: UUID
    signed_in_at: datetime
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    agent: str
    address: str
    methods: Methods
    revoked_at: datetime | None = None
    revoked_reason: str | None = None

    def is_live(self, at: datetime) -> bool:
        """Whether it can still be refreshed."""
        return self.revoked_at is None and at < self.expires_at

    def end(self, reason: EndReason, at: datetime) -> "Session":
        """The session, ended. What has ended stays as it is."""
        if self.revoked_at is not None:
            return self
        return replace(self, revoked_at=at, revoked_reason=reason.value)


def dead_until(ended_at: datetime) -> datetime:
    """When the last access token of a session that ended has expired everywhere, so that nobody need remember it."""
    return ended_at + OUTLIVED_BY


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One link of a session's chain; of the token itself only the hash. Good for one use.

    ``successor_sealed`` is the next link, which only the holder of this one can read.
    """

    hash: bytes
    tenant_id: UUID
    user_id: UUID
    session_id: UUID
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    successor_sealed: bytes | None = None


class Refresh(Enum):
    """What a presented refresh token comes to."""

    ROTATE = auto()
    REPEAT = auto()
    REFUSE = auto()
    END_FAMILY = auto()


def judge_refresh(token: RefreshToken, session: Session, life: SessionLife, at: datetime) -> Refresh:
    """A used token ends the family, whoever brings it: thief and owner look alike (RFC 9700, section 4.14.2).

    Not so within ``REFRESH_GRACE`` of its use: then it is worth what its chain has come to, and no more. ``life`` is
    what holds today, which may be shorter than when the token was made.
    """
    if token.used_at is not None and at >= token.used_at + REFRESH_GRACE:
        return Refresh.END_FAMILY
    if not session.is_live(at):
        return Refresh.REFUSE
    if token.used_at is not None:
        return Refresh.REPEAT
    ends = min(token.expires_at, session.signed_in_at + life.absolute, session.last_used_at + life.idle)
    return Refresh.ROTATE if at < ends else Refresh.REFUSE


def refusal(
    user: User, membership: Membership, tenant: Tenant, methods: Methods | None = None
) -> type[Forbidden] | None:
    """The first reason why somebody may not be signed in to ``tenant``; ``None`` if they may.

    ``methods`` are those of a session that is to begin. One that goes on has been taken by the tenant before, and is
    asked no more, whatever it allows by now.
    """
    if not user.is_verified:
        return EmailUnverified
    if membership.status is MembershipStatus.PENDING:
        return ApprovalRequired
    if membership.status is MembershipStatus.SUSPENDED:
        return MembershipSuspended
    if tenant.is_suspended:
        return TenantSuspended
    if methods is not None and methods.isdisjoint(tenant.settings.sign_in_methods):
        return SignInMethodNotAllowed
    return None


def require_admission(user: User, membership: Membership, tenant: Tenant, methods: Methods | None = None) -> None:
    """Refuse whoever may not be signed in, as ``refusal`` has it."""
    if reason := refusal(user, membership, tenant, methods):
        raise reason
