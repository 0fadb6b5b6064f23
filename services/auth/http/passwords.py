"""Routes: forgotten passwords, and choosing another one."""

from starlette.responses import Response

from services.auth.errors.credentials import (
    HashingOverloaded,
    InvalidToken,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from services.auth.schemas import AcceptedBody, EmailBody
from services.auth.sessions.schemas import ChangePasswordBody, ResetPasswordBody
from services.auth.use_cases import UseCases
from shared.contracts.caller import Caller
from shared.http.body import InvalidRequest
from shared.http.client_info import Client
from shared.http.endpoint import Endpoint
from shared.http.replies import no_content, reply


async def forgot_password(use_cases: UseCases, body: EmailBody) -> Response:
    """Ask for a mail with a link that sets a new password. The answer is the same for everybody."""
    await use_cases.forgot_password(body.email)
    return reply(AcceptedBody(), 202)


async def reset_password(use_cases: UseCases, body: ResetPasswordBody, client: Client) -> Response:
    """Set a new password with the token from the mail.

    Ends all sessions in all tenants. A password that is refused does not use the token up.
    """
    await use_cases.reset_password(body.token.get_secret_value(), body.password.get_secret_value(), client)
    return no_content()


async def change_password(use_cases: UseCases, caller: Caller, body: ChangePasswordBody, client: Client) -> Response:
    """Choose another password. Ends all other sessions in all tenants, and kills every link to a password reset."""
    current, password = body.current_password.get_secret_value(), body.password.get_secret_value()
    await use_cases.change_password(caller, current, password, client)
    return no_content()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/api/auth/password/forgot", forgot_password, {202: AcceptedBody}, (InvalidRequest,)),
    Endpoint(
        "POST",
        "/api/auth/password/reset",
        reset_password,
        {204: None},
        (InvalidRequest, InvalidToken, WeakPassword, HashingOverloaded),
    ),
    Endpoint(
        "POST",
        "/api/auth/password",
        change_password,
        {204: None},
        (InvalidRequest, WrongPassword, WeakPassword, TooManyAttempts, HashingOverloaded),
    ),
)
