"""What is dead before its time: revoked sessions, former roles and suspended tenants, in memory, bounded."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from prometheus_client import Gauge

from gateway.problems import Flaw, InvalidToken, ServiceUnavailable
from shared.clock import Clock
from shared.contracts.caller import Caller
from shared.contracts.tenancy import Role

MOST_SESSIONS = 200_000
"""About 30 MB. As many sign-outs within the life of an access token would be 300 in each second. No more than so many
people may change their role in that time, either."""

SETTLING_SECONDS = 30.0
"""For so long an event about a tenant outweighs a list from auth, which may have been made before auth heard of it."""

SESSIONS = Gauge("revoked_sessions", "Revoked sessions whose access tokens have not expired yet")


@dataclass(frozen=True, slots=True)
class _Heard:
    """The last event about a tenant."""

    suspended: bool
    sequence: int
    at: float


@dataclass(frozen=True, slots=True)
class ChangedRole:
    """What a person is in a tenant since just now, until their last token with another role has expired.

    A role needs no clocks to agree: whoever signs a token a moment later with what it read a moment before is still
    found out, and of two tokens of one second only the wrong one is refused. ``heard_at`` is the time of the event.
    """

    role: Role
    until: float
    heard_at: float = float("-inf")


class Revocations:
    """Asked for each signed-in request; fed by events and by lists from auth, in any order and any number of times."""

    def __init__(
        self, clock: Clock, monotonic: Callable[[], float] = time.monotonic, most_sessions: int = MOST_SESSIONS
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._most_sessions = most_sessions
        self._dead_sessions: dict[UUID, float] = {}
        self._roles: dict[UUID, dict[UUID, ChangedRole]] = {}
        self._suspended: frozenset[UUID] = frozenset()
        self._heard: dict[UUID, _Heard] = {}
        self._loaded_at: float | None = None

    def refuse(self, caller: Caller) -> None:
        """``InvalidToken`` when the session was revoked, the role is a former one, or the tenant is suspended.

        ``ServiceUnavailable`` as long as that cannot be known: no list came yet, or more than we can keep.
        """
        sessions, roles, suspended = self._dead_sessions, self._roles, self._suspended
        most = self._most_sessions
        if self._loaded_at is None or len(sessions) > most or len(roles) > most:
            raise ServiceUnavailable
        # Each is looked at before it is looked into: hashing a UUID costs more than all the rest of this.
        if sessions and caller.session_id in sessions:
            raise InvalidToken(Flaw.SESSION_REVOKED)
        if roles and (own := roles.get(caller.subject)) and _is_former(caller.role, own.get(caller.tenant_id)):
            raise InvalidToken(Flaw.ROLE_CHANGED)
        if suspended and caller.tenant_id in suspended:
            raise InvalidToken(Flaw.TENANT_SUSPENDED)

    def age(self) -> float:
        """Seconds since the last list; infinite before the first."""
        return float("inf") if self._loaded_at is None else self._monotonic() - self._loaded_at

    def revoke_session(self, session_id: UUID, until: float) -> None:
        """Refuse the session's tokens until ``until`` (seconds since the epoch), when the last of them has expired."""
        self._dead_sessions[session_id] = until
        if len(self._dead_sessions) > self._most_sessions:
            self._forget_expired()

    def change_role(self, tenant_id: UUID, user_id: UUID, role: Role, until: float) -> None:
        """Refuse the person's tokens that say another role, until ``until``; what an earlier change told is ignored."""
        self._put_role(tenant_id, user_id, ChangedRole(role, until, self._monotonic()))
        if len(self._roles) > self._most_sessions:
            self._forget_expired()

    def forget_member(self, tenant_id: UUID, user_id: UUID) -> None:
        """The person has left: their sessions are revoked one by one, and if they come back it is as something new."""
        roles = self._roles.get(user_id, {})
        roles.pop(tenant_id, None)
        if not roles:
            self._roles.pop(user_id, None)

    def set_tenant(self, tenant_id: UUID, *, suspended: bool, sequence: int) -> None:
        """An event told the tenant's state; one that is older than what was heard before is ignored."""
        before = self._heard.get(tenant_id)
        if before is None or before.sequence < sequence:
            self._heard[tenant_id] = _Heard(suspended, sequence, self._monotonic())
            self._settle(self._suspended)

    def load(
        self,
        sessions: Iterable[tuple[UUID, float]],
        tenants: Iterable[UUID],
        roles: Iterable[tuple[UUID, UUID, ChangedRole]] = (),
    ) -> None:
        """Take in a complete list from auth. Sessions stay dead even if it does not name them."""
        self._dead_sessions |= dict(sessions)
        self._forget_settled()
        for tenant_id, user_id, changed in roles:
            self._put_role(tenant_id, user_id, changed)
        self._forget_expired()
        self._settle(frozenset(tenants))
        self._loaded_at = self._monotonic()

    def _forget_expired(self) -> None:
        now = self._clock().timestamp()
        self._dead_sessions = {session: until for session, until in self._dead_sessions.items() if until > now}
        self._keep_roles(lambda changed: changed.until > now)
        SESSIONS.set(len(self._dead_sessions))

    def _settle(self, listed: frozenset[UUID]) -> None:
        suspended = {tenant for tenant, heard in self._heard.items() if heard.suspended}
        self._suspended = (listed - self._heard.keys()) | suspended

    def _forget_settled(self) -> None:
        since = self._monotonic() - SETTLING_SECONDS
        self._keep_roles(lambda changed: changed.heard_at > since)
        self._heard = {tenant: heard for tenant, heard in self._heard.items() if heard.at > since}

    def _put_role(self, tenant_id: UUID, user_id: UUID, changed: ChangedRole) -> None:
        roles = self._roles.setdefault(user_id, {})
        before = roles.get(tenant_id)
        if before is None or before.until < changed.until:
            roles[tenant_id] = changed

    def _keep_roles(self, keeps: Callable[[ChangedRole], bool]) -> None:
        kept = {
            user_id: {tenant_id: changed for tenant_id, changed in roles.items() if keeps(changed)}
            for user_id, roles in self._roles.items()
        }
        self._roles = {user_id: roles for user_id, roles in kept.items() if roles}


def _is_former(role: Role, changed: ChangedRole | None) -> bool:
    return changed is not None and changed.role is not role
