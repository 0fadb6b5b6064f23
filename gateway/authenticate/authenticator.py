"""Who is asking: reads the bearer token of a request, and remembers for a while which tokens were good."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.authenticate.access_token import AccessTokenVerifier, Keys
from gateway.authenticate.api_keys import API_KEY_BEGINNING, ApiKeys
from gateway.authenticate.known_caller import KnownCaller
from gateway.problems import Flaw, InvalidToken
from gateway.request import Request
from shared.clock import Seconds
from shared.errors import Unauthenticated

CACHED_TOKENS = 10_000
_USUAL = b"Bearer "
_BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/=-]+)[ \t]*")


class _Good(NamedTuple):
    """A token that was checked: who it speaks for, until when, and by which key."""

    known: KnownCaller
    expires: float
    kid: str


@dataclass(slots=True)
class TokenCache:
    """Tokens that were found good, by their hash. Bounded; an entry never outlives its token or its key.

    Only good tokens get in, so garbage pushes nothing out; those that are not used make room for others.
    """

    size: int = CACHED_TOKENS
    _good: "OrderedDict[bytes, _Good]" = field(default_factory=OrderedDict)

    def get(self, digest: bytes, now: float, keys: Keys) -> KnownCaller | None:
        """Whom the token speaks for, if that is known and still holds."""
        good = self._good.get(digest)
        if good is None:
            return None
        if now >= good.expires or not keys.has(good.kid):
            del self._good[digest]
            return None
        self._good.move_to_end(digest)
        return good.known

    def put(self, digest: bytes, known: KnownCaller, expires: float, kid: str) -> None:
        """Remember; the one that was not asked for longest makes room."""
        if len(self._good) >= self.size:
            self._good.popitem(last=False)
        self._good[digest] = _Good(known, expires, kid)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Turns the Authorization header into a caller, on all routes but public ones."""

    verifier: AccessTokenVerifier
    api_keys: ApiKeys
    now: Seconds
    cache: TokenCache = field(default_factory=TokenCache)

    def remembered(self, request: Request) -> KnownCaller | None:
        """Whom a token speaks for that was good a moment ago: what it looks like was judged then."""
        credentials = request.values(b"authorization")
        if len(credentials) != 1 or not credentials[0].startswith(_USUAL):
            return None
        digest = hashlib.sha256(credentials[0][len(_USUAL) :]).digest()
        return self.cache.get(digest, self.now(), self.verifier.keys)

    async def identify(self, request: Request, *, optional: bool) -> KnownCaller | None:
        """The caller whom nobody remembers; ``None`` if nobody signed in where that is ``optional``.

        ``Unauthenticated`` without a token, ``InvalidToken`` with any but one good bearer token.
        """
        credentials = request.values(b"authorization")
        if credentials:
            return await self._checked(_bearer_token(credentials))
        if optional:
            return None
        raise Unauthenticated

    async def _checked(self, token: bytes) -> KnownCaller:
        if token.startswith(API_KEY_BEGINNING):
            return await self.api_keys.identify(token)
        now = self.now()
        digest = hashlib.sha256(token).digest()
        if known := self.cache.get(digest, now, self.verifier.keys):
            return known
        verified = await self.verifier.verify(token.decode("ascii"), now)
        known = KnownCaller(verified.caller)
        self.cache.put(digest, known, verified.expires, verified.kid)
        return known


def _bearer_token(credentials: Sequence[bytes]) -> bytes:
    """RFC 6750, section 2.1, and the one form of it that we take."""
    if len(credentials) != 1:
        raise InvalidToken(Flaw.SEVERAL_HEADERS)
    found = _BEARER.fullmatch(credentials[0])
    if not found:
        raise InvalidToken(Flaw.NOT_BEARER)
    return found[1]
