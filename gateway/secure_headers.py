"""What every answer tells browsers and caches to be careful about."""

from gateway.request import Headers

NOTHING_MAY_LOAD = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
NO_STORE = (b"cache-control", b"no-store")

# Not left to the services: an answer has them or it does not leave.
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_POLICY = (b"content-security-policy", NOTHING_MAY_LOAD)
_TWO_YEARS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecureHeaders:
    """Completes the headers of an answer."""

    def __init__(self, *, https_only: bool) -> None:
        self._always: Headers = (*_ALWAYS, _TWO_YEARS) if https_only else _ALWAYS
        self._ours = frozenset(name for name, _ in self._always)
        self._looked_at = self._ours | {_POLICY[0], NO_STORE[0]}
        # By whether the answer brings a policy, and rules for caches, of its own.
        self._blocks = {
            (policy, caching): written(
                (*(() if policy else (_POLICY,)), *(() if caching else (NO_STORE,)), *self._always)
            )
            for policy in (True, False)
            for caching in (True, False)
        }

    def complete(self, headers: Headers, *, cacheable: bool) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """What may stay of ``headers`` (names in lower case), and ours, as they are written.

        An answer may bring its own Content-Security-Policy, and if it is ``cacheable`` its own Cache-Control.
        """
        found = {name for name, _ in headers} & self._looked_at
        if not found:
            return [*headers], self._blocks[False, False]
        policy, caching = _POLICY[0] in found, cacheable and NO_STORE[0] in found
        ends = self._ours if cacheable else self._ours | {NO_STORE[0]}
        return [header for header in headers if header[0] not in ends], self._blocks[policy, caching]


def written(headers: Headers) -> bytes:
    """As they go over the line."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)
