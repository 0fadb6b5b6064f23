"""The keys that sign access tokens, and how they are sealed in the database."""

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from services.auth.domain.signing_keys import SealedKey
from shared.contracts.access_token import ALGORITHM, TYPE
from shared.sealing import Sealer, Unreadable

_COORDINATE_BYTES = 32
_ES256 = ec.ECDSA(SHA256())
_PURPOSE = "sparknode signing keys v1"

_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair on P-256. ``kid`` is the thumbprint of its public half (RFC 7638), so it can be checked."""

    kid: str
    public_jwk: dict[str, Any]
    private: ec.EllipticCurvePrivateKey = field(repr=False)
    _header: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        header = {"alg": ALGORITHM, "kid": self.kid, "typ": TYPE}
        object.__setattr__(self, "_header", _base64(_compact(header).encode()))

    @classmethod
    def make(cls) -> "SigningKey":
        """A new one."""
        return cls.of(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def of(cls, private: ec.EllipticCurvePrivateKey) -> "SigningKey":
        """The signing key that ``private`` is the secret half of."""
        point = private.public_key().public_numbers()
        required = {"crv": "P-256", "kty": "EC", "x": _coordinate(point.x), "y": _coordinate(point.y)}
        canonical = json.dumps(required, separators=(",", ":"), sort_keys=True)
        kid = _base64(hashlib.sha256(canonical.encode()).digest())
        return cls(kid, {**required, "kid": kid, "use": "sig", "alg": ALGORITHM}, private)

    def sign(self, claims: dict[str, Any]) -> str:
        """An access token: a JWT in compact form, with the two halves of its signature side by side (RFC 7518, 3.4)."""
        signed = f"{self._header}.{_base64(_compact(claims).encode())}"
        halves = decode_dss_signature(self.private.sign(signed.encode(), _ES256))
        return f"{signed}.{_base64(b''.join(half.to_bytes(_COORDINATE_BYTES, 'big') for half in halves))}"


@dataclass(frozen=True, slots=True)
class KeySealer:
    """Seals private keys under ``JWT_SECRET_KEY``, each bound to its ``kid``; reads those under the former one, too."""

    _sealers: tuple[Sealer, ...]

    @classmethod
    def from_secret(cls, jwt_secret_key: str, former: str | None = None) -> "KeySealer":
        """The sealer for secrets of full entropy, as the settings demand them."""
        return cls(tuple(Sealer.derive(secret, _PURPOSE) for secret in (jwt_secret_key, former) if secret))

    def seal(self, key: SigningKey, at: datetime, *, signs_from: datetime | None = None) -> SealedKey:
        """The row of ``key``, which is made now and signs at once, unless a later time is given."""
        plain = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        sealed = self._sealers[0].seal(plain, row=key.kid.encode())
        return SealedKey(key.kid, key.public_jwk, sealed, at, signs_from or at)

    def seal_anew(self, row: SealedKey) -> SealedKey:
        """The same key, sealed under today's secret; ``Unreadable`` when neither secret opens it."""
        sealed = self.seal(self.unseal(row), row.created_at).private_sealed
        return replace(row, private_sealed=sealed)

    def unseal(self, row: SealedKey) -> SigningKey:
        """The key of a row, unchanged, or ``Unreadable``."""
        private = load_der_private_key(self._plain(row), password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise Unreadable
        return SigningKey.of(private)

    def opens(self, row: SealedKey) -> bool:
        """Whether one of our secrets is that which the key is sealed under."""
        try:
            return bool(self._plain(row))
        except Unreadable:
            return False

    def _plain(self, row: SealedKey) -> bytes:
        for sealer in self._sealers:
            try:
                return sealer.unseal(row.private_sealed, row=row.kid.encode())
            except Unreadable:
                continue
        raise Unreadable


def _coordinate(number: int) -> str:
    return _base64(number.to_bytes(_COORDINATE_BYTES, "big"))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
