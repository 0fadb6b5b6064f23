"""Judges the head of a request: what the parser lets through, and a careful proxy must not."""

import re
from dataclasses import dataclass
from functools import lru_cache

import httptools

from gateway.request import Headers, Telling, telling
from gateway.server.refusals import BadRequest, HeadersTooLarge, UpgradeRefused

HEAD_LIMIT = 16 * 1024
"""Octets of request target and headers together."""

_ONCE = (b"host", b"content-length", b"transfer-encoding")

# RFC 9110, section 7.2, as far as names and addresses go: no user, no path, no list, nothing encoded.
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_LONGEST_HOST = 262

# RFC 9112, section 3.2.2, without a user or a fragment.
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?#]+)(/[^?#]*)?(?:\?([^#]*))?")


@dataclass(slots=True)
class Head:
    """A request line and its headers; names in lower case."""

    method: str
    version: str
    path: bytes
    query: bytes
    headers: Headers
    keep_alive: bool
    expects_continue: bool
    said: Telling


def judged(parser: httptools.HttpRequestParser, target: bytes, headers: Headers, at_most: int) -> Head:
    """The head; ``BadRequest``, ``HeadersTooLarge`` or ``UpgradeRefused`` if there is anything odd about it.

    It has no more than ``at_most`` octets: mostly few enough that they need not be counted.
    """
    if at_most > HEAD_LIMIT and len(target) + sum(len(name) + len(value) + 4 for name, value in headers) > HEAD_LIMIT:
        raise too_large()
    version, method = parser.get_http_version(), parser.get_method().decode("ascii")
    if version not in ("1.1", "1.0") or method == "CONNECT":
        raise BadRequest("Speak HTTP/1.1, and ask for no tunnel.")
    said = telling(headers)
    for name in _ONCE:
        if len(said.get(name, ())) > 1:
            raise BadRequest(f"Send exactly one {name.decode().title()} header.")
    _require_host(said, version)
    upgrades = parser.should_upgrade()
    if upgrades and any(b"websocket" in value.lower() for value in said.get(b"upgrade", ())):
        raise UpgradeRefused
    if b"transfer-encoding" in said:
        _require_one_framing(said, version)
    path, query = _split(target)
    return Head(
        method=method,
        version=version,
        path=path,
        query=query,
        headers=headers,
        keep_alive=parser.should_keep_alive() and not upgrades,
        expects_continue=b"expect" in said and version == "1.1" and said[b"expect"][-1].lower() == b"100-continue",
        said=said,
    )


def _require_host(said: Telling, version: str) -> None:
    """It decides nothing here; but who sends one that is none may be heard differently by others (RFC 9112, 3.2)."""
    if b"host" not in said:
        if version == "1.1":
            raise BadRequest("Send exactly one Host header.")
    elif not _is_host(said[b"host"][0]):
        raise BadRequest("The Host header is a name or an address, and perhaps a port.")


def _is_host(value: bytes) -> bool:
    return len(value) <= _LONGEST_HOST and _looks_like_a_host(value)


@lru_cache(maxsize=256)
def _looks_like_a_host(value: bytes) -> bool:
    return _HOST.fullmatch(value) is not None


def _require_one_framing(said: Telling, version: str) -> None:
    """Whatever body follows is announced in the one way that everybody reads alike (RFC 9112, section 6.3)."""
    if said[b"transfer-encoding"][0].lower() != b"chunked" or version == "1.0" or b"content-length" in said:
        raise BadRequest("Transfer-Encoding may only be chunked, in HTTP/1.1, without Content-Length.")


def too_large() -> HeadersTooLarge:
    """The refusal of a head that is too long."""
    return HeadersTooLarge(f"Request target and headers may have {HEAD_LIMIT:,} bytes together, and so may trailers.")


def _split(target: bytes) -> tuple[bytes, bytes]:
    if not target.startswith(b"/"):
        # Absolute form (RFC 9112, section 3.2.2): its authority decides nothing here, and goes no further.
        found = _ABSOLUTE.fullmatch(target)
        if not found or not _is_host(found[1]):
            raise BadRequest("Ask for a path.")
        return found[2] or b"/", found[3] or b""
    path, _, query = target.partition(b"?")
    return path, query
