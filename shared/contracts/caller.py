"""Who is calling: the short-lived signed context that the gateway, or a fellow service, sends with each request.

A context is a JWT (RFC 7519) with ``typ: ctx+jwt``, signed with HS256 under ``CALLER_SIGNING_KEY``, addressed
(``aud``) to one service and good for 30 seconds. ``typ`` and ``aud`` keep it apart from access tokens (RFC 8725,
sections 3.11 and 3.9).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from shared.clock import Clock
from shared.contracts.context_jws import claims_of, sign
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role
from shared.errors import Forbidden, Unauthenticated

CONTEXT_HEADER = "x-caller-context"
LIFETIME_SECONDS = 30
CLOCK_SKEW_SECONDS = 5
MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or an API key acting in exactly one tenant, as the gateway established it.

    A key is its own ``subject``: what it does is done by no person. Of the two ids one is there, whichever it is.
    """

    subject: UUID
    tenant_id: UUID
    role: Role
    permissions: frozenset[Permission]
    session_id: UUID | None = None
    key_id: UUID | None = None

    @property
    def actor(self) -> str:
        """As events name whoever did something: ``user:<id>`` or ``key:<id>``."""
        return f"key:{self.key_id}" if self.key_id else f"user:{self.subject}"

    def require(self, permission: Permission) -> None:
        """Forbidden unless the caller has ``permission``."""
        if permission not in self.permissions:
            raise OutOfScope if self.key_id else Forbidden

    def require_tenant(self, tenant_id: UUID) -> None:
        """403 ``tenant_mismatch`` unless ``tenant_id``, as a request names it, is the caller's own."""
        if tenant_id != self.tenant_id:
            raise TenantMismatch


def person_of(actor: str | None) -> UUID | None:
    """The person whom ``Caller.actor`` has named; ``None`` where it was an API key, or nobody."""
    kind, _, subject = (actor or "").partition(":")
    return UUID(subject) if kind == "user" else None


@dataclass(frozen=True, slots=True)
class Peer:
    """A fellow service calling under its own name, for nobody in particular."""

    name: str


class TenantMismatch(Forbidden):
    """A request that names another tenant than the one its token is for."""

    code = "tenant_mismatch"
    title = "Wrong tenant"
    detail = "You are signed in to another tenant than the one this request names."


class NotForApiKeys(Forbidden):
    """A route for people, asked with an API key."""

    detail = "An API key cannot do this. Sign in as a person."


class OutOfScope(Forbidden):
    """A route that needs a permission, asked with an API key that does not have it."""

    detail = "This API key has no scope for this, or its maker may no longer do it."


class InvalidContext(Unauthenticated):
    """The context is forged, stale, or meant for somebody else."""

    code = "invalid_caller_context"
    detail = "This service answers only requests that come through the gateway."


@dataclass(frozen=True, slots=True)
class ContextSigner:
    """Makes contexts under the name of one process (``gateway``, ``auth``, …)."""

    key: str = field(repr=False)
    issuer: str
    clock: Clock

    def for_caller(self, caller: Caller, audience: str) -> str:
        """The context that lets ``audience`` know on whose behalf it works."""
        claims: dict[str, Any] = {
            "sub": str(caller.subject),
            "tenant_id": str(caller.tenant_id),
            "role": caller.role.value,
            "permissions": sorted(caller.permissions),
        }
        if caller.session_id:
            claims["sid"] = str(caller.session_id)
        if caller.key_id:
            claims["key"] = str(caller.key_id)
        return self._sign(claims, audience)

    def for_peer(self, audience: str) -> str:
        """The context of a call that a service makes for itself."""
        return self._sign({"peer": self.issuer}, audience)

    def for_anonymous(self, audience: str) -> str:
        """The context of a request that came through the gateway without a token."""
        return self._sign({}, audience)

    def _sign(self, claims: dict[str, Any], audience: str) -> str:
        now = int(self.clock().timestamp())
        claims |= {"iss": self.issuer, "aud": audience, "iat": now, "exp": now + LIFETIME_SECONDS}
        return sign(claims, self.key)


@dataclass(frozen=True, slots=True)
class _Opened:
    """Who a context is for, and between which times it is good."""

    who: Caller | Peer | None
    issued: int
    expires: int

    def is_current(self, now: datetime) -> bool:
        return self.issued - CLOCK_SKEW_SECONDS <= now.timestamp() < self.expires + CLOCK_SKEW_SECONDS


@dataclass(frozen=True, slots=True)
class ContextVerifier:
    """Reads contexts addressed to one service.

    The gateway sends the same one for some seconds. What it says is remembered by all of it, signature included;
    whether it is still good is asked each time.
    """

    key: str = field(repr=False)
    audience: str
    clock: Clock
    _open: Callable[[str], _Opened] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_open", lru_cache(MOST_REMEMBERED)(partial(_opened, self.key, self.audience)))

    def verify(self, context: str) -> Caller | Peer | None:
        """Who calls; ``None`` without a token. ``InvalidContext`` for all that was not signed for us just now."""
        opened = self._open(context)
        if not opened.is_current(self.clock()):
            raise InvalidContext
        return opened.who


def _opened(key: str, audience: str, context: str) -> _Opened:
    """What was signed with ``key`` for ``audience``; ``InvalidContext`` for all else."""
    try:
        claims = claims_of(context, key)
        issued, expires = claims["iat"], claims["exp"]
        if claims["aud"] != audience or "iss" not in claims or type(issued) is not int or type(expires) is not int:
            raise InvalidContext
        return _Opened(_who(claims), issued, expires)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidContext from error


def _who(claims: dict[str, Any]) -> Caller | Peer | None:
    if "peer" in claims:
        return Peer(str(claims["peer"]))
    return _caller(claims) if "sub" in claims else None


def _caller(claims: dict[str, Any]) -> Caller:
    return Caller(
        subject=UUID(claims["sub"]),
        tenant_id=UUID(claims["tenant_id"]),
        role=Role(claims["role"]),
        permissions=frozenset(Permission(p) for p in claims["permissions"]),
        session_id=UUID(claims["sid"]) if "sid" in claims else None,
        key_id=UUID(claims["key"]) if "key" in claims else None,
    )
