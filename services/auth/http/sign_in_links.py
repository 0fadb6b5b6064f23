"""Routes: signing in with a link from a mail."""

from starlette.responses import Response

from services.auth.errors.admission import NotAMember, SignInMethodNotAllowed
from services.auth.errors.credentials import InvalidToken
from services.auth.errors.sessions import ForeignOrigin
from services.auth.http.granting import NOT_ADMITTED, session_reply
from services.auth.schemas import AcceptedBody, SessionBody, TokenForSessionBody
from services.auth.sign_in.schemas import SignInLinkBody
from services.auth.use_cases import UseCases
from shared.http.body import InvalidRequest
from shared.http.browser import Browser
from shared.http.client_info import Client
from shared.http.endpoint import Endpoint
from shared.http.replies import reply


async def send_sign_in_link(use_cases: UseCases, body: SignInLinkBody, client: Client) -> Response:
    """Ask for a mail with a link that signs one in. The answer is the same for everybody.

    A mail goes out if the tenant allows the method `email_link`, and lets this person in. Without `tenant_id` that is
    the home tenant; if it does not, of the others that do the one used last.
    """
    await use_cases.send_sign_in_link(body.email, body.tenant_id, client)
    return reply(AcceptedBody(), 202)


async def log_in_by_link(use_cases: UseCases, body: TokenForSessionBody, client: Client, browser: Browser) -> Response:
    """Sign in with the token from the mail, in the tenant for which it was asked."""
    as_cookie = use_cases.cookie.is_wanted(body.cookie, browser)
    grant = await use_cases.log_in_by_link(body.token.get_secret_value(), client)
    return session_reply(use_cases, grant, as_cookie=as_cookie)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/api/auth/login/link", send_sign_in_link, {202: AcceptedBody}, (InvalidRequest,)),
    Endpoint(
        "POST",
        "/api/auth/login/link/redeem",
        log_in_by_link,
        {200: SessionBody},
        (InvalidRequest, ForeignOrigin, InvalidToken, NotAMember, *NOT_ADMITTED, SignInMethodNotAllowed),
    ),
)
