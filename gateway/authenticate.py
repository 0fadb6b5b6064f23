"""Who is asking: reads the bearer token of a request, and remembers for a while which tokens were good."""

import hashlib
import re
from dataclasses import dataclass, field

from gateway.access_token import AccessTokenVerifier, Keys, Verified
from gateway.api_keys import API_KEY_BEGINNING, ApiKeys
from gateway.problems import Flaw, InvalidToken
from gateway.request import Request
from gateway.rule import OptionalCaller, Public, Rule
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.errors import Unauthenticated

CACHED_TOKENS = 10_000
_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/=-]+)[ \t]*")


@dataclass(slots=True)
class TokenCache:
    """Tokens that were found good, by their hash. Bounded; an entry never outlives its token or its key.

    Only good tokens get in, so garbage pushes nothing out.
    """

    size: int = CACHED_TOKENS
    _known: dict[bytes, Verified] = field(default_factory=dict)

    def get(self, digest: bytes, now: float, keys: Keys) -> Caller | None:
        """Whom the token speaks for, if that is known and still holds."""
        known = self._known.get(digest)
        if known is None:
            return None
        if now >= known.expires or not keys.has(known.kid):
            del self._known[digest]
            return None
        return known.caller

    def put(self, digest: bytes, verified: Verified) -> None:
        """Remember; the oldest makes room."""
        if len(self._known) >= self.size:
            del self._known[next(iter(self._known))]
        self._known[digest] = verified


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Turns the Authorization header into a caller."""

    verifier: AccessTokenVerifier
    api_keys: ApiKeys
    clock: Clock
    cache: TokenCache = field(default_factory=TokenCache)

    async def identify(self, rule: Rule, request: Request) -> Caller | None:
        """The caller, if ``rule`` wants one; ``None`` if it does not, or if nobody signed in where nobody must.

        ``Unauthenticated`` without a token, ``InvalidToken`` with any but one good bearer token.
        """
        if isinstance(rule.access, Public):
            return None
        credentials = request.values(b"authorization")
        if credentials:
            return await self._caller(_bearer_token(credentials))
        if isinstance(rule.access, OptionalCaller):
            return None
        raise Unauthenticated

    async def _caller(self, token: bytes) -> Caller:
        if token.startswith(API_KEY_BEGINNING):
            return await self.api_keys.identify(token)
        now = self.clock()
        digest = hashlib.sha256(token).digest()
        if caller := self.cache.get(digest, now.timestamp(), self.verifier.keys):
            return caller
        verified = await self.verifier.verify(token.decode("ascii"), now)
        self.cache.put(digest, verified)
        return verified.caller


def _bearer_token(credentials: list[bytes]) -> bytes:
    """RFC 6750, section 2.1, and the one form of it that we take."""
    if len(credentials) != 1:
        raise InvalidToken(Flaw.SEVERAL_HEADERS)
    found = _BEARER.fullmatch(credentials[0])
    if not found:
        raise InvalidToken(Flaw.NOT_BEARER)
    return found[1]
