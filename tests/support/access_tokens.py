"""Access tokens as auth makes them, and as nobody should: for whoever checks tokens."""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.contracts import access_token
from shared.contracts.tenancy import Role
from shared.ids import new_id

ISSUER = "http://localhost:8000"
DROPPED = object()
"""As a claim or header parameter: leave it out."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody with a signing key; ``auth`` if the gateway was given its key set."""

    kid: str = "key-1"
    private: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    @property
    def public_pem(self) -> bytes:
        """The public key, as everybody may have it."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public key as a member of a key set."""
        key: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return key | {"kid": self.kid, "use": "sig", "alg": "ES256"}

    def token(self, header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        """A good token, except for what ``header`` and ``claims`` change."""
        return self.signed(json.dumps(_without_dropped(good_claims() | claims)).encode(), header)

    def signed(self, payload: bytes, header: dict[str, Any] | None = None) -> str:
        """Any payload, properly signed."""
        head = encoded(json.dumps(_without_dropped(self.header | (header or {}))).encode())
        signing_input = f"{head}.{encoded(payload)}"
        algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256, SECP256R1)
        return f"{signing_input}.{encoded(algorithm.sign(signing_input.encode(), self.private))}"

    @property
    def header(self) -> dict[str, Any]:
        """The header of a good token."""
        return {"alg": "ES256", "typ": access_token.TYPE, "kid": self.kid}


def good_claims() -> dict[str, Any]:
    """What a token says that opens the door, from now on for ten minutes."""
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": access_token.AUDIENCE,
        "sub": str(new_id()),
        "client_id": access_token.CLIENT_ID,
        "iat": now,
        "exp": now + 600,
        "jti": str(new_id()),
        "tenant_id": str(new_id()),
        "role": Role.ADMIN.value,
        "sid": str(new_id()),
    }


def in_tenant(tenant_id: UUID, role: Role = Role.ADMIN) -> dict[str, Any]:
    """Claims of somebody with ``role`` in the tenant."""
    return {"tenant_id": str(tenant_id), "role": role.value}


def encoded(data: bytes) -> str:
    """Base64 as JWTs use it."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _without_dropped(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not DROPPED}
