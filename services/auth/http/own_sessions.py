"""Routes: where one is signed in, signing out other devices, going on in another tenant."""

from uuid import UUID

from starlette.responses import Response

from services.auth.errors.admission import NotAMember, SignInMethodNotAllowed, SignInTooLongAgo
from services.auth.errors.sessions import ForeignOrigin, SessionNotFound
from services.auth.http.granting import NOT_ADMITTED, session_reply
from services.auth.repository.sessions import OwnSession
from services.auth.schemas import SessionBody
from services.auth.sessions.schemas import OwnSessionBody, SignOutQuery, SwitchTenantBody
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.http.body import InvalidRequest
from shared.http.browser import Browser
from shared.http.client_info import Client
from shared.http.cursor import Place
from shared.http.endpoint import Endpoint
from shared.http.models import Page, PageQuery
from shared.http.problems import InvalidCursor
from shared.http.replies import no_content, reply


async def list_sessions(use_cases: UseCases, caller: Caller, query: PageQuery) -> Response:
    """Where the caller is signed in, in all their tenants, newest first."""
    window = use_cases.cursors.window(caller.tenant_id, f"sessions of {caller.subject}", query)
    after = UUID(window.after[0]) if window.after else None
    found = await use_cases.list_sessions(caller, after=after, limit=window.reach)
    return reply(window.page(Page[OwnSessionBody], found, show=OwnSessionBody.seen_by(caller), place=_place))


def _place(own: OwnSession) -> Place:
    return [str(own.session.id)]


async def end_session(use_cases: UseCases, caller: Caller, session_id: UUID) -> Response:
    """Sign out one device. Its tokens are dead everywhere; doing it again is a success."""
    await use_cases.end_session(caller, session_id)
    return no_content()


async def sign_out_everywhere(use_cases: UseCases, caller: Caller, query: SignOutQuery) -> Response:
    """Sign out all devices in all tenants, or all but this one. Doing it again is a success."""
    await use_cases.sign_out_everywhere(caller, keep_current=query.keep_current)
    return no_content()


async def switch_tenant(
    use_cases: UseCases, caller: Caller, body: SwitchTenantBody, client: Client, browser: Browser
) -> Response:
    """Begin a session in another tenant of the caller's. The session that asks goes on."""
    as_cookie = use_cases.cookie.is_wanted(body.cookie, browser)
    grant = await use_cases.switch_tenant(caller, body.tenant_id, client)
    return session_reply(use_cases, grant, as_cookie=as_cookie)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "GET",
        "/api/auth/sessions",
        list_sessions,
        {200: Page[OwnSessionBody]},
        (InvalidRequest, InvalidCursor),
    ),
    Endpoint("DELETE", "/api/auth/sessions", sign_out_everywhere, {204: None}, (InvalidRequest,)),
    Endpoint("DELETE", "/api/auth/sessions/{session_id}", end_session, {204: None}, (SessionNotFound,)),
    Endpoint(
        "POST",
        "/api/auth/switch-tenant",
        switch_tenant,
        {200: SessionBody},
        (InvalidRequest, ForeignOrigin, NotAMember, *NOT_ADMITTED, SignInMethodNotAllowed, SignInTooLongAgo),
    ),
)
