"""How failures look over HTTP: RFC 9457 problem details, from one table of kinds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.contracts.caller import TenantMismatch
from shared.errors import FieldError, Invalid, Kind, Problem
from shared.http.request_id import current_request_id

log = structlog.get_logger(__name__)

VIOLATIONS = Counter("isolation_violations_total", "Requests that named another tenant than their token")

MEDIA_TYPE = "application/problem+json"
DEFAULT_RETRY_AFTER_SECONDS = 1

STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.RATE_LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}

_OF_STATUS = {
    400: ("bad_request", "Bad request"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    413: ("body_too_large", "Body too large"),
    431: ("headers_too_large", "Headers too large"),
    500: ("internal_error", "Internal error"),
}


class HttpProblem(Invalid):
    """A failure of the HTTP request itself; ``status`` replaces the kind's."""

    status = 400


class MalformedBody(HttpProblem):
    """The body cannot be read at all."""

    code = "malformed_body"
    title = "Malformed body"
    detail = "The body is not valid JSON."


class InvalidCursor(HttpProblem):
    """The cursor was made for another list, another tenant, or by somebody else."""

    code = "invalid_cursor"
    title = "Invalid cursor"
    detail = "This cursor does not belong to this list. Start again without a cursor."


class BodyTooLarge(HttpProblem):
    """More bytes than this route takes."""

    status = 413
    code = "body_too_large"
    title = "Body too large"


class UnsupportedMediaType(HttpProblem):
    """The body is in a format that this route does not read."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"
    detail = "Send the body as application/json."


def status_of(problem: type[Problem] | Problem) -> int:
    """The HTTP status of a problem."""
    status: int | None = getattr(problem, "status", None)
    return status or STATUS[problem.kind]


def problem_response(problem: Problem) -> Response:
    """The answer that tells ``problem``; wherever it is found, one that names another tenant is counted and logged."""
    if isinstance(problem, TenantMismatch):
        VIOLATIONS.inc()
        log.warning("isolation violation")
    status = status_of(problem)
    body = _body(status, problem.code, problem.title, problem.detail)
    if status == 422:
        body["errors"] = [{"field": e.field, "message": e.message} for e in _errors(problem)]
    headers = {"Cache-Control": "no-store"}
    if problem.kind in (Kind.RATE_LIMITED, Kind.UNAVAILABLE):
        headers["Retry-After"] = str(math.ceil(problem.retry_after or DEFAULT_RETRY_AFTER_SECONDS))
    if problem.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({**problem.extensions, **body}, status, headers, MEDIA_TYPE)


def _errors(problem: Problem) -> Sequence[FieldError]:
    field = problem.field if isinstance(problem, Invalid) else None
    return problem.errors or ([FieldError(field, problem.detail)] if field else ())


def status_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a failure that has no class of its own."""
    code, title = _OF_STATUS.get(status, ("error", "Error"))
    return JSONResponse(
        _body(status, code, title, detail),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )


async def on_exception(_: Request, __: Exception) -> Response:
    """The answer when we are at fault; what went wrong stands in the log under the request's id."""
    return status_response(500, "Something went wrong on our side. Quote the request_id when you report it.")


def _body(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:sparknode:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": current_request_id(),
    }
