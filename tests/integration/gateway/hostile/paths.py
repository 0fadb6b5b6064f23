"""Paths that some reader would take for another one."""

from collections.abc import Iterator

PATHS = (
    "/api/users",
    "/api/auth/me",
    "/api/tenants/current",
    "/api/invitations",
    "/api/enrolment",
    "/internal/revocations",
    "/internal/reservations",
    "/.well-known/jwks.json",
    "/openapi.json",
    "/metrics",
)
"""What an attacker wants to arrive at, by a way that the gateway takes for another."""

# What stands for a slash, or beside one, in the eyes of some server, proxy or framework.
FALSE_SLASHES = (
    "//",
    "///",
    "/./",
    "/%2e/",
    "/.%2e/",
    "/%2e%2e/",
    "/x/../",
    "/x/%2e%2e/",
    "/x/..%2f",
    "/x%2f..%2f",
    "/..;/",
    "/;/",
    "/;x=1/",
    "%2f",
    "%2F",
    "%252f",
    "%5c",
    "%5C",
    "\\",
    "/\\",
    "\\/",
    "%c0%af",
    "%e0%80%af",
    "%ef%bc%8f",
    "%u002f",
    "/%00/",
    "/%20/",
    "/%0a/",
    "/%0d%0a/",
    "/%09/",
    "/%3b/",
    "/%23/",
    "/%3f/",
)

# What is cut off, or overlooked, at the end of a path.
ENDS = (
    "/.",
    "/..",
    "/x/..",
    "/%2e",
    "/%2e%2e",
    ";",
    ";x",
    ";.css",
    "/;",
    "%00",
    "%00.css",
    "%0a",
    "%0d%0aX-Tenant-ID:%20x",
    "%20",
    "%09",
    "%23",
    "%3f",
    "%3fx=1",
    "%2f",
    "%5c",
    "\\",
    "//",
    "/%",
    "%",
    "%z1",
    "%u0000",
    "|",
    "^",
    "`",
    "{}",
    "<>",
    '"',
    "[]",
)

STARTS = (
    *("/", "//", "/.", "/./", "/../", "/%2e%2e", "/x/..", "/%2f"),
    *("/\\", "\\", "/;", "/%00", "/%20", "//evil.example"),
)


def ambiguous_paths() -> Iterator[str]:
    """Every path, in every disguise, at every place."""
    for path in PATHS:
        for place, letter in enumerate(path):
            if letter == "/" and place:
                yield from (path[:place] + false + path[place + 1 :] for false in FALSE_SLASHES)
        yield from (path + end for end in ENDS)
        yield from (start + path for start in STARTS)
        code = f"{ord(path[1]):02x}"
        yield from (f"/{spelt}{path[2:]}" for spelt in (f"%{code}", f"%25{code}", f"%u00{code}"))
