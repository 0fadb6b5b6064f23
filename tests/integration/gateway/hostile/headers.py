"""Headers in which somebody might read who calls, from where, or for what; and how careless readers spell them."""

from collections.abc import Iterator

NAMES = (
    "X-Caller-Context",
    "X-Caller-Subject",
    "X-Tenant",
    "X-Tenant-Slug",
    "X-TenantId",
    "X-Tenants",
    "Tenant-ID",
    "TenantId",
    "X-User",
    "X-User-ID",
    "X-User-Role",
    "X-User-Email",
    "X-UserId",
    "User-ID",
    "X-Role",
    "X-Org-ID",
    "X-Organization-ID",
    "X-Roles",
    "X-Email",
    "X-Auth-User",
    "X-Auth-Request-User",
    "X-Client-Address",
    "X-Client-IP",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Prefix",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Client-Cert",
    "X-Real-IP",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-Remote-User",
    "X-Authenticated-User",
    "X-WebAuth-User",
    "X-Amzn-Oidc-Identity",
    "X-Goog-Authenticated-User-Email",
    "X-MS-Client-Principal-ID",
    "Remote-User",
    "Forwarded",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Client-IP",
    "Traceparent",
    "Tracestate",
    "Baggage",
    "Via",
)

OURS = frozenset({"X-Caller-Context", "X-Client-Address", "Traceparent"})
"""Those that a service gets from the gateway, exactly once."""


def spellings(name: str) -> Iterator[str]:
    """One name as it can be written, and as careless readers would still read it."""
    yield from (name, name.lower(), name.upper(), name.swapcase())
    if "-" in name:
        yield from (name.replace("-", other) for other in ("_", ".", "--", "~", "|", "-_", "+"))
        yield name.replace("-", "_", 1)
    yield from (name + "-", name + "_", "_" + name, "-" + name, "HTTP_" + name.upper().replace("-", "_"))


def forgeries() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each name with all its spellings."""
    for name in NAMES:
        yield name, tuple(dict.fromkeys(spellings(name)))
