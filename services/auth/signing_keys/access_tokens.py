"""Signs access tokens, and publishes what they are checked with."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.auth.signing_keys.ring import KeyRing
from shared.clock import Clock
from shared.contracts import access_token
from shared.contracts.tenancy import Role
from shared.ids import new_id_text


@dataclass(frozen=True, slots=True)
class AccessTokenSigner:
    """Makes access tokens as RFC 9068 wants them, under the key whose time it is."""

    keys: KeyRing
    issuer: str
    clock: Clock

    def sign(self, *, user_id: UUID, tenant_id: UUID, role: Role, session_id: UUID) -> str:
        """A token that lets this person act in this tenant for ten minutes, or until the session is revoked.

        ``SigningKeyUnreadable`` when it would be good nowhere, because no key in force is ours to sign with.
        """
        at = self.clock()
        now = int(at.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": access_token.AUDIENCE,
            "sub": str(user_id),
            "client_id": access_token.CLIENT_ID,
            "iat": now,
            "exp": now + int(access_token.LIFETIME.total_seconds()),
            "jti": new_id_text(),
            "tenant_id": str(tenant_id),
            "role": role.value,
            "sid": str(session_id),
        }
        return self.keys.signing(at).sign(claims)

    async def ready(self) -> None:
        """``SigningKeyUnreadable`` unless this process can sign with the key whose time it is."""
        self.keys.require(self.clock())

    async def up_to_date(self) -> None:
        """``SigningKeyUnreadable`` when this process was left with a former ``JWT_SECRET_KEY``, ready or not."""
        self.keys.require_all_open()

    def key_set(self) -> tuple[dict[str, Any], ...]:
        """The public halves of all keys in force, as JWKs (RFC 7517)."""
        return self.keys.public_jwks()
