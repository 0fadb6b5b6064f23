"""Which headers pass, in both directions; the services get our word on who calls, and nobody else's."""

import re
from collections.abc import Iterable

from gateway.request import Headers
from shared.contracts.refresh_cookie import NAMES

LONGEST_NAME = 64
"""Of a header that passes, so that no client fills the memory of what was judged before."""

MOST_NAMES = 1024
"""That are remembered as judged."""

# Connection-level fields (RFC 9110, section 7.6.1), and those of old that proxies must know.
HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade http2-settings".split()
)

# What we say ourselves, what ends here, and names under which other software reads identity, origin or routing.
_OURS = frozenset(
    b"host content-length expect cookie authorization forwarded via traceparent tracestate baggage x-request-id "
    b"x-real-ip true-client-ip cf-connecting-ip x-original-url x-rewrite-url x-http-method x-http-method-override "
    b"x-method-override x-email remote-user client-ip fastly-client-ip "
    b"x-cluster-client-ip x-http-destinationurl".split()
)
_OURS_BY_PREFIX = (
    *(b"x-caller-", b"x-tenant", b"x-user", b"x-client-", b"x-forwarded-", b"x-auth-", b"x-org", b"x-role"),
    *(b"tenant-", b"tenantid", b"user-id", b"userid"),
    # The names under which identity-aware proxies vouch for a user.
    *(b"x-remote-", b"x-authenticated-", b"x-webauth-", b"x-amzn-oidc-", b"x-goog-", b"x-ms-client-", b"cf-access-"),
)

# Some software reads X_Tenant_Id and X.Tenant.Id as X-Tenant-Id. With plain names only, there is one spelling.
_PLAIN = re.compile(rb"[a-z0-9]+(-[a-z0-9]+)*")

_KEPT_FROM_CLIENTS = frozenset(
    b"set-cookie server date x-powered-by x-request-id via ratelimit ratelimit-policy access-control-allow-origin "
    b"access-control-allow-credentials access-control-expose-headers access-control-allow-methods "
    b"access-control-allow-headers access-control-max-age".split()
)
_ENDS_HERE = HOP_BY_HOP | _KEPT_FROM_CLIENTS
_USUAL = frozenset({b"keep-alive", b"close", b"Keep-Alive", b"Close"})

_COOKIES = frozenset(name.encode() for name in NAMES)


def to_service(received: Headers, ours: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The client's harmless headers, then ``ours``, each of which exists exactly once whatever the client sent."""
    passing = [header for header in received if _HARMLESS[header[0]]]
    if named := _named_by_connection(received):
        passing = [header for header in passing if header[0] not in named]
    passing.extend(ours)
    return passing


def refresh_cookie(received: Headers) -> list[tuple[bytes, bytes]]:
    """The one cookie that is ours, for the few routes that read it; of those of other software nothing passes."""
    cookies = [cookie.strip() for name, value in received if name == b"cookie" for cookie in value.split(b";")]
    ours = [cookie for cookie in cookies if cookie.partition(b"=")[0] in _COOKIES]
    return [(b"cookie", b"; ".join(ours))] if ours else []


def to_client(received: Headers, *, cookie: bool = False) -> list[tuple[bytes, bytes]]:
    """A service's headers without those of its connection, its cookies, and what only the gateway may say.

    With ``cookie`` the refresh cookie passes.
    """
    passing = [header for header in received if header[0] not in _ENDS_HERE]
    if named := _named_by_connection(received):
        passing = [header for header in passing if header[0] not in named]
    if cookie:
        passing += [h for h in received if h[0] == b"set-cookie" and h[1].partition(b"=")[0] in _COOKIES]
    return passing


class HarmlessNames(dict[bytes, bool]):
    """Whether a header of this name passes; what was judged before is found without a call."""

    def __missing__(self, name: bytes) -> bool:
        if len(name) > LONGEST_NAME:
            return False
        if len(self) >= MOST_NAMES:
            self.clear()
        ours = name in _OURS or name.startswith(_OURS_BY_PREFIX) or name in HOP_BY_HOP
        self[name] = found = not ours and _PLAIN.fullmatch(name) is not None
        return found


_HARMLESS = HarmlessNames()


def _named_by_connection(headers: Headers) -> set[bytes] | None:
    """The headers that are said to belong to the connection, if any are beside those that always do."""
    named: set[bytes] | None = None
    for name, value in headers:
        if name == b"connection" and value not in _USUAL:
            named = (named or set()) | {token.strip().lower() for token in value.split(b",")}
    return named
