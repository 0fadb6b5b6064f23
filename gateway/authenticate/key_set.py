"""The public keys that access tokens are checked with: fetched from auth, and kept through its outages."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from pydantic import BaseModel, ValidationError

from gateway.problems import ServiceUnavailable
from shared.contracts import access_token
from shared.errors import Problem

KEY_SET_PATH = "/.well-known/jwks.json"
RENEW_SECONDS = 5.0
"""A key that was revoked is refused after so long, and that of auth's replicas (a second), whatever the broker does."""

RETRY_SECONDS = 1.0
SHORTEST_GAP_SECONDS = 5.0
"""Between two fetches for the sake of unknown key ids, which anybody can make up."""

log = structlog.get_logger(__name__)


class KeyDocument(BaseModel):
    """A JWK set (RFC 7517, section 5); keys are read one by one."""

    keys: list[dict[str, Any]]


class KeySet:
    """Keys by id. Once there are keys, there always are: an outage of auth takes none away."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[KeyDocument]],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``fetch`` asks auth, and raises a ``Problem`` when that does not work."""
        self._fetch = fetch
        self._monotonic = monotonic
        self._sleep = sleep
        self._keys: Mapping[str, EllipticCurvePublicKey] = {}
        self._fetching = asyncio.Lock()
        self._next_look = float("-inf")

    def has(self, kid: str) -> bool:
        """Whether a key with this id is in force, as far as we know."""
        return kid in self._keys

    async def find(self, kid: str) -> EllipticCurvePublicKey | None:
        """The key with this id. An unknown one is asked for, if that has not been done just now.

        ``ServiceUnavailable`` while there are no keys at all: then nothing is known of any token.
        """
        if kid not in self._keys:
            await self._look_again()
        await self.ready()
        return self._keys.get(kid)

    async def ready(self) -> None:
        """``ServiceUnavailable`` until the first keys came."""
        if not self._keys:
            raise ServiceUnavailable

    async def refresh(self) -> bool:
        """Fetch the keys now; whether that worked. Without a usable key in the answer the old ones stay.

        One after the other, so that no answer is taken for news that was given before the last one.
        """
        async with self._fetching:
            return await self._refresh()

    async def _refresh(self) -> bool:
        try:
            document = await self._fetch()
        except (Problem, ValidationError) as error:
            log.warning("key set not fetched", reason=type(error).__name__)
            return False
        keys = {key["kid"]: public for key in document.keys if (public := _public_key(key))}
        if not keys:
            log.error("key set without a usable key")
            return False
        self._keys = keys
        return True

    async def run(self) -> None:
        """Fetch and renew until cancelled."""
        while True:
            fetched = await self.refresh()
            await self._sleep(RENEW_SECONDS if fetched else RETRY_SECONDS)

    async def _look_again(self) -> None:
        async with self._fetching:
            if self._monotonic() >= self._next_look:
                await self._refresh()
                self._next_look = self._monotonic() + SHORTEST_GAP_SECONDS


def _public_key(key: Mapping[str, Any]) -> EllipticCurvePublicKey | None:
    """The key, if it is one that our access tokens may be signed with (RFC 7518, section 6.2)."""
    usable = key.get("kty") == "EC" and key.get("crv") == "P-256" and isinstance(key.get("kid"), str)
    if not usable or key.get("use", "sig") != "sig" or key.get("alg", "ES256") != access_token.ALGORITHM:
        return None
    try:
        public = jwt.PyJWK(dict(key), algorithm=access_token.ALGORITHM).key
    except jwt.PyJWTError:
        return None
    return public if isinstance(public, EllipticCurvePublicKey) else None
