"""Where revocations come from: the events of auth and tenants, and the list that auth answers with."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import AwareDatetime, BaseModel, ValidationError

from gateway.api_keys import ApiKeys
from gateway.problems import ServiceUnavailable
from gateway.revocations import SETTLING_SECONDS, Revocations
from shared.contracts.auth import ApiKeyRevoked, SessionRevoked
from shared.contracts.tenants import TenantResumed, TenantSuspended
from shared.errors import Problem
from shared.messaging.envelope import Envelope
from shared.messaging.rabbitmq.connection import BrokerUnavailable

REVOCATIONS_PATH = "/internal/revocations"
ALONE_SECONDS = 1.0
"""Between two lists when no events come."""

BESIDE_EVENTS_SECONDS = 30.0
"""Between two lists when events come; they mend what an event might have missed."""

STALE_SECONDS = 15.0

log = structlog.get_logger(__name__)


class RevokedSession(BaseModel):
    """A session that ended, and when the last of its access tokens has expired."""

    id: UUID
    until: AwareDatetime


class RevocationDocument(BaseModel):
    """Everything that is dead before its time, as auth lists it."""

    sessions: list[RevokedSession]
    tenants: list[UUID]


@dataclass(frozen=True, slots=True)
class RevocationListener:
    """Takes events the moment they happen. Each may come any number of times."""

    revocations: Revocations
    api_keys: ApiKeys
    name: str = "gateway"

    @property
    def types(self) -> frozenset[str]:
        return frozenset({SessionRevoked.type, ApiKeyRevoked.type, TenantSuspended.type, TenantResumed.type})

    async def ready(self) -> None:
        """Memory is always there."""

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        """Let the events take effect; what is no such event raises ``ValidationError``."""
        for envelope in envelopes:
            await self.handle(envelope)

    async def handle(self, envelope: Envelope) -> None:
        """Let the event take effect; what is no such event raises ``ValidationError``."""
        if envelope.type == SessionRevoked.type:
            session = SessionRevoked.model_validate(envelope.data)
            self.revocations.revoke_session(session.session_id, _seconds(session.dead_until))
        elif envelope.type == ApiKeyRevoked.type:
            self.api_keys.forget(ApiKeyRevoked.model_validate(envelope.data).tenant_id)
        else:
            kind = TenantSuspended if envelope.type == TenantSuspended.type else TenantResumed
            tenant_id = kind.model_validate(envelope.data).tenant_id
            suspended = kind is TenantSuspended
            self.revocations.set_tenant(tenant_id, suspended=suspended, sequence=envelope.sequence)
            self.api_keys.forget(tenant_id)

    async def park(self, envelope: Envelope, reason: str) -> None:
        """Leave it in the log; the next list from auth says what the event could not."""
        log.error("event not understood", event_id=str(envelope.id), type=envelope.type, reason=reason)


@dataclass(slots=True)
class RevocationReload:
    """Fetches the list from auth: often while nothing else feeds us, else now and then.

    ``fetch`` asks auth, and raises a ``Problem`` when that does not work.
    """

    revocations: Revocations
    fetch: Callable[[], Awaitable[RevocationDocument]]
    fed_by_events: bool
    _fed_since: float = float("-inf")

    async def run(self) -> None:
        """Reload until cancelled; failures are tried again after a second."""
        while True:
            if self._knows_too_little() or self.revocations.age() >= BESIDE_EVENTS_SECONDS:
                await self.reload()
            await asyncio.sleep(ALONE_SECONDS)

    @asynccontextmanager
    async def fed(self) -> AsyncIterator[None]:
        """Events come while the block lasts. It is entered when the list says what they had told before."""
        while not await self.reload():  # noqa: ASYNC110 - asking is the only way to find out
            await asyncio.sleep(ALONE_SECONDS)
        self.fed_by_events, self._fed_since = True, time.monotonic()
        try:
            yield
        finally:
            self.fed_by_events = False

    def _knows_too_little(self) -> bool:
        """No events come; or they have only just begun to, and auth may hear later than we of what we missed."""
        return not self.fed_by_events or time.monotonic() - self._fed_since < SETTLING_SECONDS

    async def reload(self) -> bool:
        """Fetch the list now; whether that worked. Call it whenever events may have been missed."""
        try:
            document = await self.fetch()
        except (Problem, ValidationError) as error:
            log.warning("revocations not loaded", reason=type(error).__name__)
            return False
        sessions = ((session.id, _seconds(session.until)) for session in document.sessions)
        self.revocations.load(sessions, document.tenants)
        return True

    async def hears(self) -> None:
        """``BrokerUnavailable`` while no events come. Requests go on: then the list comes every second."""
        if not self.fed_by_events:
            raise BrokerUnavailable

    async def ready(self) -> None:
        """``ServiceUnavailable`` when we cannot know who is revoked: no list yet, or an old one and no events."""
        age = self.revocations.age()
        if age == float("inf") or (age > STALE_SECONDS and not self.fed_by_events):
            raise ServiceUnavailable


def _seconds(at: datetime) -> float:
    return at.timestamp()
