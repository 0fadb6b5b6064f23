"""The kinds of failure that a caller can be told about; each edge maps kinds, never single classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of failure it is; HTTP, the consumers and the command line each have one table of these."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One member of a request that does not fit; ``field`` is its dotted path, ``message`` is for its author."""

    field: str
    message: str


class Problem(Exception):
    """A failure with a stable ``code`` and a sentence for the person who reads it.

    Subclass a kind below, one class per failure, and give it ``code``, ``title`` and ``detail``. The
    ``detail`` may be made more exact where it is raised; it never holds a secret or another person's data. The
    ``extensions`` are more members for whoever acts on the ``code``, as JSON has them (RFC 9457, section 3.2).
    """

    kind: ClassVar[Kind]
    code: ClassVar[str]
    title: ClassVar[str]
    detail: str = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.extensions = dict(extensions or {})


class Invalid(Problem):
    """What was asked for does not fit the rules. ``field`` is the member of the request whose fault it is, if told."""

    kind = Kind.INVALID
    code = "invalid_request"
    title = "Invalid request"
    field: ClassVar[str | None] = None


class Unauthenticated(Problem):
    """Nobody we know is asking."""

    kind = Kind.UNAUTHENTICATED
    code = "unauthenticated"
    title = "Authentication required"
    detail = "Sign in and send the access token as a bearer token."


class Forbidden(Problem):
    """Somebody we know may not do this."""

    kind = Kind.FORBIDDEN
    code = "forbidden"
    title = "Not allowed"
    detail = "Your role does not allow this."


class NotFound(Problem):
    """No such thing in the caller's tenant."""

    kind = Kind.NOT_FOUND
    code = "not_found"
    title = "Not found"
    detail = "There is nothing here."


class Conflict(Problem):
    """It does not go together with what is already there."""

    kind = Kind.CONFLICT
    code = "conflict"
    title = "Conflict"


class Gone(Problem):
    """It was there once and will not come back."""

    kind = Kind.GONE
    code = "gone"
    title = "No longer available"


class RateLimited(Problem):
    """Too much of it; ``retry_after`` says when it may be tried again (seconds)."""

    kind = Kind.RATE_LIMITED
    code = "rate_limited"
    title = "Too many requests"
    detail = "Too many requests. Wait a moment and try again."


class Unavailable(Problem):
    """Something we depend on is down; trying again after ``retry_after`` seconds is worthwhile."""

    kind = Kind.UNAVAILABLE
    code = "unavailable"
    title = "Temporarily unavailable"
    detail = "A part of the system cannot be reached. Try again in a moment."
