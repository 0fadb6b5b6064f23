"""Routes: signing in and out, going on with a session, who am I."""

from starlette.responses import Response

from services.auth.errors.admission import NotAMember, SignInMethodNotAllowed
from services.auth.errors.credentials import HashingOverloaded, InvalidCredentials, TooManyAttempts
from services.auth.errors.sessions import ForeignOrigin, InvalidRefreshToken, RefreshTokenReused
from services.auth.http.granting import JOINING_PROBLEMS, LINK_PROBLEMS, NOT_ADMITTED, session_reply
from services.auth.schemas import SessionBody
from services.auth.sessions.schemas import ElsewhereBody, LogInBody, MyselfBody, RefreshBody
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.errors import FieldError
from shared.http.body import InvalidRequest
from shared.http.browser import Browser
from shared.http.client_info import Client
from shared.http.endpoint import Endpoint
from shared.http.replies import no_content, reply


async def log_in(use_cases: UseCases, body: LogInBody, client: Client, browser: Browser) -> Response:
    """Sign in, in the home tenant unless `tenant_id` names another one.

    When that tenant does not let one in, the refusal names the others that do.

    With `invitation_token`, from the link of an invitation: join its tenant, and sign in there, also when the home
    tenant lets one in no more.
    """
    as_cookie = use_cases.cookie.is_wanted(body.cookie, browser)
    password = body.password.get_secret_value()
    if body.invitation_token:
        token = body.invitation_token.get_secret_value()
        grant = await use_cases.log_in_by_invitation(body.email, password, token, client)
    else:
        grant = await use_cases.log_in(body.email, password, body.tenant_id, client)
    return session_reply(use_cases, grant, as_cookie=as_cookie)


async def refresh(use_cases: UseCases, body: RefreshBody, client: Client, browser: Browser) -> Response:
    """Exchange the refresh token for new tokens.

    It is good once. For 30 seconds it is answered with the same new refresh token again; after that its use ends
    the session. Without a token in the body the one in the cookie is exchanged, and so is the answer's.
    """
    as_cookie = use_cases.cookie.is_wanted(body.cookie, browser)
    if body.refresh_token:
        grant = await use_cases.refresh_session(body.refresh_token.get_secret_value(), client)
        return session_reply(use_cases, grant, as_cookie=as_cookie)
    if kept := use_cases.cookie.token_in(browser):
        return session_reply(use_cases, await use_cases.refresh_session(kept, client), as_cookie=True)
    if as_cookie:
        raise InvalidRefreshToken
    raise InvalidRequest(errors=[FieldError("refresh_token", "Neither in the body nor in a cookie.")])


async def log_out(use_cases: UseCases, caller: Caller, browser: Browser) -> Response:
    """End this session. Its tokens are dead everywhere, and its cookie is gone; doing it again is a success."""
    await use_cases.log_out(caller)
    response = no_content()
    if use_cases.cookie.name in browser.cookies:
        response.headers["Set-Cookie"] = use_cases.cookie.dropping()
    return response


async def who_am_i(use_cases: UseCases, caller: Caller) -> Response:
    """The signed-in person, what they may do here, and where else they belong."""
    return reply(MyselfBody.of(await use_cases.who_am_i(caller)))


_ASKING = (InvalidRequest, ForeignOrigin)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "POST",
        "/api/auth/login",
        log_in,
        {200: SessionBody},
        (
            *_ASKING,
            InvalidCredentials,
            *NOT_ADMITTED,
            NotAMember,
            SignInMethodNotAllowed,
            *JOINING_PROBLEMS,
            *LINK_PROBLEMS,
            TooManyAttempts,
            HashingOverloaded,
        ),
        extensions={403: ElsewhereBody},
    ),
    Endpoint(
        "POST",
        "/api/auth/refresh",
        refresh,
        {200: SessionBody},
        (*_ASKING, InvalidRefreshToken, RefreshTokenReused, *NOT_ADMITTED),
    ),
    Endpoint("POST", "/api/auth/logout", log_out, {204: None}),
    Endpoint("GET", "/api/auth/me", who_am_i, {200: MyselfBody}),
)
