"""What tests of the signing keys share: times, another secret, and who uses and checks the keys."""

from datetime import timedelta

import jwt

from gateway.authenticate.access_token import AccessTokenVerifier
from gateway.authenticate.key_set import KeyDocument, KeySet
from services.auth.signing_keys.ring import KeyWatch
from shared.clock import utc_now
from tests.integration.auth.sessions.desk import PUBLIC_URL, Desk, Json, done

AGE = timedelta(days=90)
SECOND = timedelta(seconds=1)
NEW_SECRET = "only-the-tests-seal-keys-anew-with-this-0d44fa1b"


class Gateway:
    """As far as tokens are concerned: it keeps the keys that a replica publishes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.keys = KeySet(self._fetch)
        self._verifier = AccessTokenVerifier(self.keys, PUBLIC_URL)

    async def admit(self, session: Json) -> None:
        """``InvalidToken`` when it would not let the bearer in."""
        await self._verifier.verify(session["access_token"], utc_now().timestamp())

    async def _fetch(self) -> KeyDocument:
        return KeyDocument.model_validate(done(await self._desk.http.get("/.well-known/jwks.json")))


def watch_of(desk: Desk) -> KeyWatch:
    """The worker of a replica that keeps its keys as they are in the database; in tests nobody lets it run."""
    [found] = [worker for worker in desk.workers if isinstance(worker, KeyWatch)]
    return found


def key_of(session: Json) -> str:
    """What the access token was signed with."""
    kid: str = jwt.get_unverified_header(session["access_token"])["kid"]
    return kid
