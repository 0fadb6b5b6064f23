"""Judges the head of a request: what the parser lets through, and a careful proxy must not."""

from collections.abc import Mapping
from dataclasses import dataclass

import httptools

from gateway.request import Headers
from gateway.server.refusals import BadRequest, HeadersTooLarge, UpgradeRefused

HEAD_LIMIT = 16 * 1024
"""Octets of request target and headers together."""

_ONCE = frozenset({b"host", b"content-length", b"transfer-encoding"})
_TELLING = _ONCE | {b"expect", b"upgrade"}


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


def judged(parser: httptools.HttpRequestParser, target: bytes, headers: Headers) -> Head:
    """The head; ``BadRequest``, ``HeadersTooLarge`` or ``UpgradeRefused`` if there is anything odd about it."""
    if len(target) + sum(len(name) + len(value) + 4 for name, value in headers) > HEAD_LIMIT:
        raise too_large()
    version, method = parser.get_http_version(), parser.get_method().decode("ascii")
    if version not in ("1.1", "1.0") or method == "CONNECT":
        raise BadRequest("Speak HTTP/1.1, and ask for no tunnel.")
    said = _telling(headers)
    if b"host" not in said and version == "1.1":
        raise BadRequest("Send exactly one Host header.")
    upgrades = parser.should_upgrade()
    if upgrades and b"websocket" in said.get(b"upgrade", b"").lower():
        raise UpgradeRefused
    _require_one_framing(said, version)
    path, query = _split(target)
    return Head(
        method=method,
        version=version,
        path=path,
        query=query,
        headers=headers,
        keep_alive=parser.should_keep_alive() and not upgrades,
        expects_continue=version == "1.1" and said.get(b"expect", b"").lower() == b"100-continue",
    )


def _telling(headers: Headers) -> dict[bytes, bytes]:
    """What the head says of itself; ``BadRequest`` when it says something twice that has one meaning only."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _TELLING:
            if name in found and name in _ONCE:
                raise BadRequest(f"Send exactly one {name.decode().title()} header.")
            found[name] = value
    return found


def _require_one_framing(said: Mapping[bytes, bytes], version: str) -> None:
    """Whatever body follows is announced in the one way that everybody reads alike (RFC 9112, section 6.3)."""
    coding = said.get(b"transfer-encoding")
    if coding is not None and (coding.lower() != b"chunked" or version == "1.0" or b"content-length" in said):
        raise BadRequest("Transfer-Encoding may only be chunked, in HTTP/1.1, without Content-Length.")


def too_large() -> HeadersTooLarge:
    """The refusal of a head that is too long."""
    return HeadersTooLarge(f"Request target and headers may have {HEAD_LIMIT:,} bytes together.")


def _split(target: bytes) -> tuple[bytes, bytes]:
    if not target.startswith(b"/"):
        # Absolute form (RFC 9112, section 3.2.2): its authority decides nothing here, and goes no further.
        try:
            url = httptools.parse_url(target)
        except httptools.HttpParserInvalidURLError as error:
            raise BadRequest from error
        return url.path or b"/", url.query or b""
    path, _, query = target.partition(b"?")
    return path, query
