"""Routes: signing in and out, going on with a session, who am I."""

from starlette.responses import Response

from services.auth.errors import (
    ApprovalRequired,
    EmailUnverified,
    HashingOverloaded,
    InvalidCredentials,
    InvalidRefreshToken,
    MembershipSuspended,
    NotAMember,
    RefreshTokenReused,
    TenantSuspended,
    TooManyAttempts,
)
from services.auth.schemas import SessionBody
from services.auth.session_schemas import LogInBody, MyselfBody, RefreshBody
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.http.body import InvalidRequest
from shared.http.client_info import Client
from shared.http.endpoint import Endpoint
from shared.http.replies import no_content, reply


async def log_in(use_cases: UseCases, body: LogInBody, client: Client) -> Response:
    """Sign in, in the home tenant unless `tenant_id` names another one."""
    password = body.password.get_secret_value()
    return reply(SessionBody.of(await use_cases.log_in(body.email, password, body.tenant_id, client)))


async def refresh(use_cases: UseCases, body: RefreshBody, client: Client) -> Response:
    """Exchange the refresh token for new tokens.

    It is good once. For 30 seconds it is answered with the same new refresh token again; after that its use ends
    the session.
    """
    return reply(SessionBody.of(await use_cases.refresh_session(body.refresh_token.get_secret_value(), client)))


async def log_out(use_cases: UseCases, caller: Caller) -> Response:
    """End this session. Its tokens are dead everywhere; doing it again is a success."""
    await use_cases.log_out(caller)
    return no_content()


async def who_am_i(use_cases: UseCases, caller: Caller) -> Response:
    """The signed-in person, what they may do here, and where else they belong."""
    return reply(MyselfBody.of(await use_cases.who_am_i(caller)))


_NOT_ADMITTED = (EmailUnverified, ApprovalRequired, MembershipSuspended, TenantSuspended)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "POST",
        "/api/auth/login",
        log_in,
        {200: SessionBody},
        (InvalidRequest, InvalidCredentials, *_NOT_ADMITTED, NotAMember, TooManyAttempts, HashingOverloaded),
    ),
    Endpoint(
        "POST",
        "/api/auth/refresh",
        refresh,
        {200: SessionBody},
        (InvalidRequest, InvalidRefreshToken, RefreshTokenReused, *_NOT_ADMITTED),
    ),
    Endpoint("POST", "/api/auth/logout", log_out, {204: None}),
    Endpoint("GET", "/api/auth/me", who_am_i, {200: MyselfBody}),
)
