"""Where revocations come from: the events of auth and tenants, and the list that auth answers with."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import AwareDatetime, BaseModel, ValidationError

from gateway.authenticate.api_keys import ApiKeys
from gateway.problems import ServiceUnavailable
from gateway.revocations.memory import SETTLING_SECONDS, ChangedRole, Revocations
from shared.contracts.auth import (
    ApiKeyRevoked,
    MembershipChange,
    MembershipRemoved,
    MembershipRoleChanged,
    SessionRevoked,
)
from shared.contracts.events import Event
from shared.contracts.subscriptions import GATEWAY_SUBSCRIPTION
from shared.contracts.tenancy import Role, TenantStatus
from shared.contracts.tenants import TenantEvent
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


_KINDS: Mapping[str, type[Event]] = {event.type: event for event in GATEWAY_SUBSCRIPTION}


class RevokedSession(BaseModel):
    """A session that ended, and when the last of its access tokens has expired."""

    id: UUID
    until: AwareDatetime


class RevokedRole(BaseModel):
    """What somebody is in a tenant since just now, and when their last token with another role has expired."""

    tenant_id: UUID
    user_id: UUID
    role: Role
    until: AwareDatetime


class RevocationDocument(BaseModel):
    """Everything that is dead before its time, as auth lists it."""

    sessions: list[RevokedSession]
    tenants: list[UUID]
    roles: list[RevokedRole] = []


@dataclass(frozen=True, slots=True)
class RevocationListener:
    """Takes events the moment they happen. Each may come any number of times."""

    revocations: Revocations
    api_keys: ApiKeys
    name: str = "gateway"

    @property
    def types(self) -> frozenset[str]:
        return frozenset(_KINDS)

    async def ready(self) -> None:
        """Memory is always there."""

    async def handle_all(self, envelopes: Sequence[Envelope]) -> None:
        """Let the events take effect; what is no such event raises ``ValidationError``."""
        for envelope in envelopes:
            await self.handle(envelope)

    async def handle(self, envelope: Envelope) -> None:
        """Let the event take effect; what is no such event raises ``ValidationError``."""
        match _KINDS[envelope.type].model_validate(envelope.data):
            case SessionRevoked() as session:
                self.revocations.revoke_session(session.session_id, _seconds(session.dead_until))
            case MembershipChange() as member:
                self._member_changed(member)
                self.api_keys.forget(member.tenant_id)
            case ApiKeyRevoked() as key:
                self.api_keys.forget(key.tenant_id)
            case TenantEvent() as tenant:
                suspended = tenant.status is TenantStatus.SUSPENDED
                self.revocations.set_tenant(tenant.tenant_id, suspended=suspended, sequence=envelope.sequence)
                self.api_keys.forget(tenant.tenant_id)

    def _member_changed(self, member: MembershipChange) -> None:
        """Whose suspension or removal it is, their sessions have been ended one by one."""
        if isinstance(member, MembershipRoleChanged):
            until = _seconds(member.dead_until)
            self.revocations.change_role(member.tenant_id, member.user_id, member.role, until)
        elif isinstance(member, MembershipRemoved):
            self.revocations.forget_member(member.tenant_id, member.user_id)

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
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _fed_since: float = float("-inf")

    async def run(self) -> None:
        """Reload until cancelled; failures are tried again after a second."""
        while True:
            if self._knows_too_little() or self.revocations.age() >= BESIDE_EVENTS_SECONDS:
                await self.reload()
            await self.sleep(ALONE_SECONDS)

    @asynccontextmanager
    async def fed(self) -> AsyncIterator[None]:
        """Events come while the block lasts. It is entered when the list says what they had told before."""
        while not await self.reload():
            await self.sleep(ALONE_SECONDS)
        self.fed_by_events, self._fed_since = True, self.monotonic()
        try:
            yield
        finally:
            self.fed_by_events = False

    def _knows_too_little(self) -> bool:
        """No events come; or they have only just begun to, and auth may hear later than we of what we missed."""
        return not self.fed_by_events or self.monotonic() - self._fed_since < SETTLING_SECONDS

    async def reload(self) -> bool:
        """Fetch the list now; whether that worked. Call it whenever events may have been missed."""
        try:
            document = await self.fetch()
        except (Problem, ValidationError) as error:
            log.warning("revocations not loaded", reason=type(error).__name__)
            return False
        sessions = ((session.id, _seconds(session.until)) for session in document.sessions)
        roles = (
            (each.tenant_id, each.user_id, ChangedRole(each.role, _seconds(each.until))) for each in document.roles
        )
        self.revocations.load(sessions, document.tenants, roles)
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
