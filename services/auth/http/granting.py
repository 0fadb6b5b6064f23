"""The answer to somebody who is signed in, with the refresh token where it was asked for; and what keeps others out."""

from starlette.responses import Response

from services.auth.errors.admission import ApprovalRequired, EmailUnverified, MembershipSuspended, TenantSuspended
from services.auth.errors.joining import (
    InvitationEmailMismatch,
    InvitationExpired,
    InvitationNotFound,
    InvitationRevoked,
    InvitationUsed,
    ReservationLapsed,
    TenantNotReplicated,
)
from services.auth.errors.sessions import ForeignOrigin
from services.auth.schemas import SessionBody
from services.auth.sessions.issuer import SessionGrant
from services.auth.use_cases import UseCases
from shared.http.body import InvalidRequest
from shared.http.peer import PeerUnavailable
from shared.http.replies import reply

NOT_ADMITTED = (EmailUnverified, ApprovalRequired, MembershipSuspended, TenantSuspended)
"""What may keep somebody out whom we know."""

LINK_PROBLEMS = (
    InvitationNotFound,
    InvitationExpired,
    InvitationRevoked,
    InvitationUsed,
    InvitationEmailMismatch,
)
"""What may be wrong with the link of an invitation."""

JOINING_PROBLEMS = (
    InvalidRequest,
    ForeignOrigin,
    TenantSuspended,
    MembershipSuspended,
    TenantNotReplicated,
    ReservationLapsed,
    PeerUnavailable,
)
"""What may keep somebody out who has proven their address."""


def session_reply(use_cases: UseCases, grant: SessionGrant, *, as_cookie: bool, status: int = 200) -> Response:
    """The Session; ``as_cookie`` sets the refresh token as a cookie and leaves it out of the body."""
    if not as_cookie:
        return reply(SessionBody.of(grant), status)
    headers = {"Set-Cookie": use_cases.cookie.keeping(grant.refresh_token)}
    return reply(SessionBody.without_refresh_token(grant), status, headers)
