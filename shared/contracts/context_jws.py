"""How caller contexts are signed: compact JWS (RFC 7515) with one algorithm, one header and one way to write it.

Signer and reader are always we, so nothing is negotiated: any other header, algorithm or spelling is no signature. That
also makes it cheap, which counts here: it is done for every request.
"""

import base64
import hmac
import json
from typing import Any

CONTEXT_TYPE = "ctx+jwt"

_compact = json.JSONEncoder(separators=(",", ":")).encode


class Unsigned(ValueError):
    """Not signed with this key, or not in this way."""


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


_HEADER = _encoded(_compact({"alg": "HS256", "typ": CONTEXT_TYPE}).encode())


def sign(claims: dict[str, Any], key: str) -> str:
    """``claims`` as a JWT."""
    signed = _HEADER + b"." + _encoded(_compact(claims).encode())
    return (signed + b"." + _signature(signed, key)).decode()


def claims_of(token: str, key: str) -> dict[str, Any]:
    """The claims of what ``sign`` made under ``key``; ``Unsigned`` for all else. Nothing unsigned is looked into."""
    signed, _, signature = token.encode().rpartition(b".")
    if not hmac.compare_digest(signature, _signature(signed, key)):
        raise Unsigned
    header, _, payload = signed.partition(b".")
    if header != _HEADER:
        raise Unsigned
    claims = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    if not isinstance(claims, dict):
        raise Unsigned
    return claims


def _signature(signed: bytes, key: str) -> bytes:
    return _encoded(hmac.digest(key.encode(), signed, "sha256"))
