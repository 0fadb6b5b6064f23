"""The keys that sign access tokens: made once per installation, sealed in the database, public half published."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from services.auth.repository import signing_keys
from services.auth.repository.signing_keys import SealedKey
from shared.clock import Clock
from shared.contracts.access_token import ALGORITHM
from shared.contracts.tenancy import PLATFORM_TENANT_ID
from shared.database import Database
from shared.process import CannotStart
from shared.sealing import Sealer, Unreadable

_COORDINATE_BYTES = 32
_PURPOSE = "sparknode signing keys v1"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair on P-256. ``kid`` is the thumbprint of its public half (RFC 7638), so it can be checked."""

    kid: str
    public_jwk: dict[str, Any]
    private: ec.EllipticCurvePrivateKey = field(repr=False)

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


@dataclass(frozen=True, slots=True)
class KeySealer:
    """Seals private keys under ``JWT_SECRET_KEY``, each bound to its ``kid``."""

    _sealer: Sealer

    @classmethod
    def from_secret(cls, jwt_secret_key: str) -> "KeySealer":
        """The sealer for a secret of full entropy, as the settings demand it."""
        return cls(Sealer.derive(jwt_secret_key, _PURPOSE))

    def seal(self, key: SigningKey, at: datetime) -> SealedKey:
        """The row of ``key``."""
        plain = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return SealedKey(key.kid, key.public_jwk, self._sealer.seal(plain, row=key.kid.encode()), at)

    def unseal(self, row: SealedKey) -> SigningKey:
        """The key of a row, unchanged, or ``Unreadable``."""
        plain = self._sealer.unseal(row.private_sealed, row=row.kid.encode())
        private = load_der_private_key(plain, password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise Unreadable
        return SigningKey.of(private)


async def open_signing_keys(database: Database, jwt_secret_key: str, clock: Clock) -> tuple[SigningKey, ...]:
    """The keys in force, newest first, at least one: the first process of an installation makes it.

    Replicas that start together agree on one key. ``CannotStart`` when ``JWT_SECRET_KEY`` is not the one that the
    keys were sealed under.
    """
    sealer = KeySealer.from_secret(jwt_secret_key)
    # The keys belong to no customer; the platform's transaction is the one that every installation has.
    async with database.transaction(PLATFORM_TENANT_ID) as tx:
        await signing_keys.take_turns(tx)
        rows = await signing_keys.in_force(tx)
        if not rows:
            rows = [sealer.seal(SigningKey.make(), clock())]
            await signing_keys.add(tx, rows[0])
    try:
        return tuple(sealer.unseal(row) for row in rows)
    except Unreadable:
        raise CannotStart(
            "JWT_SECRET_KEY is not the one that the signing keys in this database are encrypted under. Start with "
            "the former one. If it is lost, delete the rows of signing_keys: new keys are made, and everybody's "
            "access token has to be refreshed."
        ) from None


def _coordinate(number: int) -> str:
    return _base64(number.to_bytes(_COORDINATE_BYTES, "big"))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
