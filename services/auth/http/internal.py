"""Routes for the gateway and other verifiers of access tokens."""

from starlette.responses import Response

from services.auth.session_schemas import KeySetBody, RevocationsBody
from services.auth.use_cases import UseCases
from shared.contracts.caller import Peer
from shared.http.endpoint import Endpoint
from shared.http.replies import reply

KEY_SET_SECONDS = 300
"""How long a key set may be kept; a rotation has to publish a key for longer than that before it signs."""


async def key_set(use_cases: UseCases) -> Response:
    """The public keys that access tokens are checked with (RFC 7517)."""
    headers = {"Cache-Control": f"public, max-age={KEY_SET_SECONDS}"}
    return reply(KeySetBody.of(use_cases.signer.key_set()), headers=headers)


async def revocations(use_cases: UseCases, peer: Peer) -> Response:
    """Which access tokens are dead before they expire: for a gateway that starts, or has lost the broker."""
    return reply(RevocationsBody.of(await use_cases.list_revocations()))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/.well-known/jwks.json", key_set, {200: KeySetBody}, open=True),
    Endpoint("GET", "/internal/revocations", revocations, {200: RevocationsBody}),
)
