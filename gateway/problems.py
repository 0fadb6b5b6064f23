"""What the gateway itself refuses, how it says so, and where it is counted."""

from enum import StrEnum
from typing import Protocol

from prometheus_client import Counter
from starlette.responses import Response

from shared.errors import NotFound, Problem, RateLimited, Unauthenticated, Unavailable
from shared.http.problems import HttpProblem, problem_response

TOKEN_FAILURES = Counter("token_validation_failures_total", "Bearer tokens that were refused", ["reason"])
LIMITED = Counter("requests_limited_total", "Requests beyond an allowance, and whose it was", ["limit", "whose"])


class Flaw(StrEnum):
    """Why a token was refused: for the metrics only, the client is told no more than that it was."""

    SEVERAL_HEADERS = "several_headers"
    NOT_BEARER = "not_bearer"
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    TYPE = "type"
    CRITICAL = "critical"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    CLAIMS = "claims"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    API_KEY = "api_key"
    SESSION_REVOKED = "session_revoked"
    ROLE_CHANGED = "role_changed"
    TENANT_SUSPENDED = "tenant_suspended"


class InvalidToken(Unauthenticated):
    """A bearer token that opens nothing here."""

    code = "invalid_token"
    title = "Invalid token"
    detail = "This access token is not valid, or not any more. Sign in again."

    def __init__(self, flaw: Flaw) -> None:
        super().__init__()
        self.flaw = flaw


class UnknownPath(NotFound):
    """No rule has this path."""


class MethodNotAllowed(HttpProblem):
    """The path exists, and does not answer to this method; ``allow`` lists those that it does answer to."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"

    def __init__(self, detail: str, allow: str) -> None:
        super().__init__(detail)
        self.allow = allow


class MalformedPath(HttpProblem):
    """A path that two readers could take for two different ones."""

    code = "malformed_path"
    title = "Malformed path"
    detail = "Write the path plainly: no empty or dot segments, no percent-encoding, no backslash or semicolon."


class BodyTooSlow(HttpProblem):
    """The client stopped sending in the middle."""

    status = 408
    code = "request_timeout"
    title = "Request timeout"
    detail = "The rest of the body did not come."


class Told(Protocol):
    """Something that every answer says beside what it is."""

    def lines(self) -> bytes:
        """The header lines, each with its end."""


class TooManyRequests(RateLimited):
    """More than the allowance of the client's address, account or key for this class of routes.

    ``standing`` tells which, and when there will be more.
    """

    def __init__(self, limit: str, whose: str, retry_after: float, standing: Told) -> None:
        super().__init__(retry_after=retry_after)
        self.limit = limit
        self.whose = whose
        self.standing = standing


class ServiceUnavailable(Unavailable):
    """A service, or what the gateway must know before it lets anybody through, cannot be had right now."""

    code = "service_unavailable"


def answer(problem: Problem) -> Response:
    """The response that tells ``problem``. Every refusal of the gateway passes here once, and is counted."""
    _count(problem)
    response = problem_response(problem)
    if isinstance(problem, MethodNotAllowed):
        response.headers["Allow"] = problem.allow
    if isinstance(problem, BodyTooSlow):
        response.headers["Connection"] = "close"  # what may still come belongs to no request (RFC 9110, 15.5.9)
    return response


def _count(problem: Problem) -> None:
    if isinstance(problem, InvalidToken):
        TOKEN_FAILURES.labels(problem.flaw).inc()
    elif isinstance(problem, TooManyRequests):
        LIMITED.labels(problem.limit, problem.whose).inc()
