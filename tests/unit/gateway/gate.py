"""A gate that is told what is dead, and the ways to tell it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gateway.problems import Flaw, InvalidToken
from gateway.revocations.feed import (
    RevocationDocument,
    RevocationListener,
    RevocationReload,
    RevokedSession,
)
from gateway.revocations.memory import MOST_SESSIONS, Revocations
from shared.clock import utc_now
from shared.contracts.auth import (
    MembershipChange,
    MembershipRemoved,
    MembershipRoleChanged,
    SessionRevoked,
)
from shared.contracts.caller import Caller
from shared.contracts.events import Event
from shared.contracts.tenancy import MembershipStatus, Role, TenantStatus
from shared.contracts.tenants import TenantResumed, TenantSuspended
from shared.http.peer import PeerUnavailable
from shared.ids import new_id
from shared.messaging.envelope import Envelope
from tests.support.api_keys import Known, api_keys

START = datetime(2030, 1, 1, tzinfo=UTC)
LATER = START + timedelta(minutes=10)


class Gate:
    """Revocations with a clock, a listener and an auth to ask."""

    def __init__(self, *, fed_by_events: bool = True, most_sessions: int = MOST_SESSIONS) -> None:
        self.now = START
        self.seconds = 0.0
        self.down = False
        self.listed = RevocationDocument(sessions=[], tenants=[])
        self.revocations = Revocations(lambda: self.now, lambda: self.seconds, most_sessions)
        self.known_keys = Known()
        self.api_keys = api_keys(self.known_keys)
        self.listener = RevocationListener(self.revocations, self.api_keys)
        self.reload = RevocationReload(
            self.revocations, self.answer, fed_by_events, lambda: self.seconds, self.let_pass
        )
        self.asked = 0
        self._stops_at = float("inf")
        self._sequence = 0

    async def let_pass(self, seconds: float) -> None:
        """Time passes, and auth is back."""
        self.seconds += seconds
        self.down = False
        if self.seconds >= self._stops_at:
            raise asyncio.CancelledError

    async def run_for(self, seconds: float) -> int:
        """Let the reload run for so long; how often it asked meanwhile."""
        before, self._stops_at = self.asked, self.seconds + seconds
        with suppress(asyncio.CancelledError):
            await self.reload.run()
        return self.asked - before

    async def answer(self) -> RevocationDocument:
        self.asked += 1
        if self.down:
            raise PeerUnavailable
        return self.listed

    async def hear(self, event: Event, sequence: int | None = None) -> None:
        self._sequence += 1
        number = sequence if sequence is not None else self._sequence
        await self.listener.handle(envelope_of(event.type, event.model_dump(mode="json"), number))

    def flaw(self, caller: Caller) -> Flaw | None:
        """Why the caller is refused, if so."""
        try:
            self.revocations.refuse(caller)
        except InvalidToken as refused:
            return refused.flaw
        return None


def envelope_of(kind: str, data: dict[str, Any], sequence: int = 1) -> Envelope:
    return Envelope(new_id(), "auth", kind, new_id(), utc_now(), new_id(), sequence, data)


def ended(caller: Caller, until: datetime = LATER) -> SessionRevoked:
    assert caller.session_id
    return SessionRevoked(session_id=caller.session_id, user_id=caller.subject, reason="logout", dead_until=until)


def suspended(tenant_id: UUID) -> TenantSuspended:
    return TenantSuspended(tenant_id=tenant_id, name="T", slug="t", status=TenantStatus.SUSPENDED)


def resumed(tenant_id: UUID) -> TenantResumed:
    return TenantResumed(tenant_id=tenant_id, name="T", slug="t", status=TenantStatus.ACTIVE)


def became(caller: Caller, role: Role, until: datetime = LATER) -> MembershipRoleChanged:
    """The person's role has changed to ``role``."""
    return MembershipRoleChanged(**_state(caller, role), former_role=caller.role, dead_until=until)


def left(caller: Caller, kind: type[MembershipChange] = MembershipRemoved) -> MembershipChange:
    return kind(**_state(caller, caller.role))


def _state(caller: Caller, role: Role) -> dict[str, Any]:
    return {
        "user_id": caller.subject,
        "tenant_id": caller.tenant_id,
        "email": "a@b.example",
        "name": "A",
        "role": role,
        "status": MembershipStatus.ACTIVE,
        "changed_by": new_id(),
    }


def listing(*, sessions: Iterable[Caller] = (), tenants: Iterable[UUID] = ()) -> RevocationDocument:
    named = [RevokedSession(id=caller.session_id, until=LATER) for caller in sessions if caller.session_id]
    return RevocationDocument(sessions=named, tenants=list(tenants))
