"""Which pages of other origins may read our answers (Fetch standard, section 3.3)."""

import re
from collections.abc import Iterable

from gateway.request import Headers, Request

# As a browser writes an origin: scheme and host in lower case, a port only if it is not the scheme's own.
_ORIGIN = re.compile(
    r"(?:http(?!.*:80$)|https(?!.*:443$))://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?"
)

ALLOWED = "accept, authorization, content-type, idempotency-key, traceparent, x-request-id, x-tenant-id"
"""What a page may send beside what it always may."""

EXPOSED = b"Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
"""What a page may read beside what it always may."""

_MOST_SECONDS = "7200"
"""For which a browser may remember a preflight; none remembers it longer."""

_VARY = (b"vary", b"Origin")


def parse_origins(text: str) -> tuple[str, ...]:
    """Origins, separated by commas; ``ValueError`` for what no browser sends, ``*`` and ``null`` above all."""
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin} is not an origin as browsers send it, such as https://app.company.com")
    return origins


class Cors:
    """Answers pages of the listed origins, and lets no other read anything.

    Nothing here speaks of credentials, so that no page of another origin may send the refresh cookie along: that is
    for our own pages (``docs/decisions/0019``). Others send their token in ``Authorization``.
    """

    def __init__(self, origins: Iterable[str] = ()) -> None:
        self._told: dict[bytes, Headers] = {
            origin.encode(): (
                (b"access-control-allow-origin", origin.encode()),
                (b"access-control-expose-headers", EXPOSED),
                _VARY,
            )
            for origin in origins
        }
        self._told_others: Headers = (_VARY,) if self._told else ()

    def headers_for(self, request: Headers) -> Headers:
        """What an answer to a request with these headers has to say, whatever answer it is."""
        if not self._told:
            return ()
        origin = _only(request, b"origin")
        return self._told.get(origin, self._told_others) if origin else self._told_others

    def asked_method(self, request: Request) -> str | None:
        """The method that a page of a listed origin asks leave for; ``None`` when this is no such question."""
        if request.method != "OPTIONS" or _only(request.headers, b"origin") not in self._told:
            return None
        method = _only(request.headers, b"access-control-request-method")
        return method.decode("latin-1") if method else None


def leave_for(method: str) -> dict[str, str]:
    """What the answer to a preflight says, beside what every answer does, where ``method`` is one of the path's."""
    return {
        "access-control-allow-methods": method,
        "access-control-allow-headers": ALLOWED,
        "access-control-max-age": _MOST_SECONDS,
    }


def _only(headers: Headers, name: bytes) -> bytes | None:
    values = [value for candidate, value in headers if candidate == name]
    return values[0] if len(values) == 1 else None
