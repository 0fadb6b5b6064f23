"""Routes: signing up, proving an address, joining by invitation."""

from starlette.responses import Response

from services.auth.errors.admission import EmailUnverified, SignInMethodNotAllowed, SignInTooLongAgo
from services.auth.errors.credentials import HashingOverloaded, InvalidToken, WeakPassword
from services.auth.errors.joining import AccountExists, InvitationNotFound, InvitationRevoked, TenantUndetermined
from services.auth.http.granting import JOINING_PROBLEMS, LINK_PROBLEMS, session_reply
from services.auth.schemas import (
    AcceptedBody,
    ApprovalRequiredBody,
    EmailBody,
    EnrolmentBody,
    EnrolmentQuery,
    InvitationPreviewBody,
    SessionBody,
    SignUpBody,
    TokenBody,
    TokenForSessionBody,
    VerificationRequiredBody,
)
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.http.body import InvalidRequest
from shared.http.browser import Browser
from shared.http.client_info import Client
from shared.http.endpoint import Endpoint
from shared.http.peer import PeerUnavailable
from shared.http.replies import reply


async def sign_up(use_cases: UseCases, body: SignUpBody, client: Client, browser: Browser) -> Response:
    """Make an account.

    With the token of an invitation: signed in at once, as what the invitation says. Without: the e-mail's domain
    decides on the tenant, and a mail asks to prove the address first. That answer is the same for everybody.
    """
    as_cookie = use_cases.cookie.is_wanted(body.cookie, browser)
    password = body.password.get_secret_value()
    if body.invitation_token:
        token = body.invitation_token.get_secret_value()
        grant = await use_cases.sign_up_by_invitation(body.email, password, body.name, token, client)
        return session_reply(use_cases, grant, as_cookie=as_cookie, status=201)
    await use_cases.sign_up_by_domain(body.email, password, body.name)
    return reply(VerificationRequiredBody(email=body.email), 202)


async def verify_email(use_cases: UseCases, body: TokenForSessionBody, client: Client, browser: Browser) -> Response:
    """Prove an address with the token from the mail.

    202 when an admin of the tenant has to approve first.
    """
    as_cookie = use_cases.cookie.is_wanted(body.cookie, browser)
    grant = await use_cases.verify_email(body.token.get_secret_value(), client)
    if grant is None:
        return reply(ApprovalRequiredBody(), 202)
    return session_reply(use_cases, grant, as_cookie=as_cookie)


async def resend_verification(use_cases: UseCases, body: EmailBody) -> Response:
    """Ask for the verification mail again. The answer is the same for everybody."""
    await use_cases.resend_verification(body.email)
    return reply(AcceptedBody(), 202)


async def preview_enrolment(use_cases: UseCases, query: EnrolmentQuery) -> Response:
    """Where a sign-up with this address leads, judged by its domain."""
    return reply(EnrolmentBody.of(await use_cases.preview_enrolment(query.email)))


async def preview_invitation(use_cases: UseCases, caller: Caller | None, body: TokenBody) -> Response:
    """What is behind the link of an invitation. Nothing changes, and the link stays as good as it was."""
    preview = await use_cases.preview_invitation(caller, body.token.get_secret_value())
    return reply(InvitationPreviewBody.of(preview))


async def accept_invitation(
    use_cases: UseCases, caller: Caller, body: TokenForSessionBody, client: Client, browser: Browser
) -> Response:
    """Join the tenant that invites the caller's address; again is a success."""
    as_cookie = use_cases.cookie.is_wanted(body.cookie, browser)
    grant = await use_cases.accept_invitation(caller, body.token.get_secret_value(), client)
    return session_reply(use_cases, grant, as_cookie=as_cookie)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "POST",
        "/api/auth/signup",
        sign_up,
        {201: SessionBody, 202: VerificationRequiredBody},
        (*JOINING_PROBLEMS, *LINK_PROBLEMS, AccountExists, TenantUndetermined, WeakPassword, HashingOverloaded),
    ),
    Endpoint(
        "POST",
        "/api/auth/verify-email",
        verify_email,
        {200: SessionBody, 202: ApprovalRequiredBody},
        (*JOINING_PROBLEMS, InvalidToken, InvitationRevoked, TenantUndetermined),
    ),
    Endpoint(
        "POST",
        "/api/auth/verify-email/resend",
        resend_verification,
        {202: AcceptedBody},
        (InvalidRequest, HashingOverloaded),
    ),
    Endpoint("GET", "/api/enrolment", preview_enrolment, {200: EnrolmentBody}, (InvalidRequest,)),
    Endpoint(
        "POST",
        "/api/invitations/preview",
        preview_invitation,
        {200: InvitationPreviewBody},
        (InvalidRequest, InvitationNotFound, PeerUnavailable),
    ),
    Endpoint(
        "POST",
        "/api/invitations/accept",
        accept_invitation,
        {200: SessionBody},
        (*JOINING_PROBLEMS, *LINK_PROBLEMS, EmailUnverified, SignInMethodNotAllowed, SignInTooLongAgo),
    ),
)
