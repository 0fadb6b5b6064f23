"""Checks one access token: every rule of RFC 8725 and RFC 9068 that applies, and no setting that relaxes one."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.problems import Flaw, InvalidToken
from shared.contracts import access_token
from shared.contracts.caller import Caller
from shared.contracts.permissions import permissions_of
from shared.contracts.tenancy import Role

CLOCK_SKEW_SECONDS = 5
"""How far ahead the issuer's clock may be. A token's end gets no such grace."""

LONGEST_TOKEN = 8 * 1024
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_NUMBER = 32

# Two numbers in base64url. The last letter has four bits to spare, which are zero: each signature has one spelling.
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{85}[AQgw]")
_ES256 = ECDSA(SHA256())


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_refuse_constant)


class Keys(Protocol):
    """Where public keys come from."""

    def has(self, kid: str) -> bool:
        """Whether a key with this id is in force, as far as is known."""

    async def find(self, kid: str) -> EllipticCurvePublicKey | None:
        """The key with this id, if the issuer has one."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom a token speaks for, until when (seconds since the epoch), and the key that says so."""

    caller: Caller
    expires: int
    kid: str


@dataclass(frozen=True, slots=True)
class AccessTokenVerifier:
    """Reads tokens of one issuer."""

    keys: Keys
    issuer: str

    async def verify(self, token: str, now: float) -> Verified:
        """Whom ``token`` speaks for at ``now``; ``InvalidToken`` with the first flaw that was found."""
        if len(token) > LONGEST_TOKEN or not _SHAPE.fullmatch(token):
            raise InvalidToken(Flaw.MALFORMED)
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        kid = _kid_of(header)
        key = await self.keys.find(kid)
        if key is None:
            raise InvalidToken(Flaw.UNKNOWN_KEY)
        _require_signature(signed, signature, key)
        claims = _json_object(_decoded(payload))
        self._require_addressed_to_us(claims)
        _require_current(claims, now)
        return Verified(_caller(claims), claims["exp"], kid)

    def _require_addressed_to_us(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self.issuer:
            raise InvalidToken(Flaw.ISSUER)
        # An array is refused even with the right member: a token for several audiences is none of ours (RFC 9068
        # allows it, our issuer never makes one).
        if claims.get("aud") != access_token.AUDIENCE:
            raise InvalidToken(Flaw.AUDIENCE)


@lru_cache(maxsize=64)
def _kid_of(encoded: str) -> str:
    """The key that a header names: all tokens of one key have the same header."""
    return _kid(_json_object(_decoded(encoded)))


def _kid(header: Mapping[str, Any]) -> str:
    if header.get("alg") != access_token.ALGORITHM:
        raise InvalidToken(Flaw.ALGORITHM)
    if header.get("typ") != access_token.TYPE:
        raise InvalidToken(Flaw.TYPE)
    if "crit" in header or "b64" in header:  # we understand no extension (RFC 7515, section 4.1.11)
        raise InvalidToken(Flaw.CRITICAL)
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise InvalidToken(Flaw.MALFORMED)
    return kid


def _require_signature(signed: str, encoded: str, key: EllipticCurvePublicKey) -> None:
    """ES256 (RFC 7518, section 3.4): two numbers of 32 octets each, by the one algorithm that there is here.

    Spelt out, because to have a library choose among all algorithms takes longer than the check itself.
    """
    if not _SIGNATURE.fullmatch(encoded):
        raise InvalidToken(Flaw.SIGNATURE)
    signature = _decoded(encoded)
    r, s = int.from_bytes(signature[:_NUMBER]), int.from_bytes(signature[_NUMBER:])
    try:
        key.verify(encode_dss_signature(r, s), signed.encode("ascii"), _ES256)
    except InvalidSignature as error:
        raise InvalidToken(Flaw.SIGNATURE) from error


def _decoded(encoded: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except binascii.Error as error:
        raise InvalidToken(Flaw.MALFORMED) from error


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = _JSON.decode(text.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidToken(Flaw.MALFORMED) from error
    if not isinstance(value, dict):
        raise InvalidToken(Flaw.MALFORMED)
    return value


def _require_current(claims: Mapping[str, Any], now: float) -> None:
    times = [claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)]
    # `type is`: for isinstance, True is an int. Fractions are allowed by RFC 7519, and never sent by our issuer.
    if any(type(time) is not int for time in times):
        raise InvalidToken(Flaw.CLAIMS)
    issued, expires, not_before = times
    if now >= expires:
        raise InvalidToken(Flaw.EXPIRED)
    if max(issued, not_before) > now + CLOCK_SKEW_SECONDS:
        raise InvalidToken(Flaw.NOT_YET_VALID)


def _caller(claims: Mapping[str, Any]) -> Caller:
    if not all(isinstance(claims.get(name), str) and claims[name] for name in ("client_id", "jti")):
        raise InvalidToken(Flaw.CLAIMS)
    try:
        tenant_id, role = _uuid(claims["tenant_id"]), Role(claims["role"])
        return Caller(
            subject=_uuid(claims["sub"]),
            tenant_id=tenant_id,
            role=role,
            permissions=permissions_of(role, tenant_id),
            session_id=_uuid(claims["sid"]),
        )
    except (KeyError, ValueError) as error:
        raise InvalidToken(Flaw.CLAIMS) from error


def _uuid(claim: object) -> UUID:
    """A UUID in its one canonical spelling; Python would also read braces, URNs and missing hyphens."""
    if not isinstance(claim, str) or str(found := UUID(claim)) != claim:
        raise ValueError("not a canonical UUID")
    return found
