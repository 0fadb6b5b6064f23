"""What is refused before the app could decide anything. It is answered through the app, like any other problem."""

from shared.http.problems import HttpProblem

REFUSAL = "refusal"
"""Under this name the state of a scope holds the problem, if the request is no more than that."""


class BadRequest(HttpProblem):
    """Two readers could read it differently, or nobody can read it at all."""

    code = "bad_request"
    title = "Bad request"
    detail = "This is not a well-formed HTTP/1.1 request."


class HeadersTooLarge(HttpProblem):
    """More head than we take."""

    status = 431
    code = "headers_too_large"
    title = "Headers too large"


class HeadTooSlow(HttpProblem):
    """The client began, and stopped in the middle of the headers."""

    status = 408
    code = "request_timeout"
    title = "Request timeout"
    detail = "The rest of the headers did not come."


class UpgradeRefused(HttpProblem):
    """WebSocket, for which there is no route."""

    status = 501
    code = "upgrade_not_supported"
    title = "Upgrade not supported"
    detail = "There is no WebSocket here."
