"""API keys as their tenant sees them: what they are for, who made them, and how long they are good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.auth.errors.keys import ExpiryInThePast, ScopeTooWide
from shared.contracts.api_keys import Scope, permissions_of_key, prefix_of, role_of_key
from shared.contracts.permissions import Permission, permissions_of
from shared.contracts.tenancy import Role
from shared.errors import Forbidden

MOST_PER_TENANT = 100
LAST_USE_PRECISION = timedelta(minutes=1)
"""A use that is so little later than the one on record is not worth a write."""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key that was handed out; of the key itself only the hash."""

    id: UUID
    tenant_id: UUID
    hash: bytes
    name: str
    scopes: frozenset[Scope]
    created_by: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None

    @property
    def prefix(self) -> str:
        """How the key begins."""
        return prefix_of(self.id)


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a good key stands for at this moment. It dies with the membership of whoever made it, and sleeps with it."""

    key_id: UUID
    tenant_id: UUID
    role: Role
    permissions: frozenset[Permission]
    expires_at: datetime | None

    @classmethod
    def of(cls, key: IssuedKey, maker: Role) -> "KeyRights":
        """Those of ``key``, whose maker is ``maker`` today."""
        return cls(
            key_id=key.id,
            tenant_id=key.tenant_id,
            role=role_of_key(maker),
            permissions=permissions_of_key(key.scopes, maker, key.tenant_id),
            expires_at=key.expires_at,
        )


def require_issuable(
    scopes: frozenset[Scope], maker: Role, tenant_id: UUID, expires_at: datetime | None, *, at: datetime
) -> None:
    """Refuse a key that could do more than its maker, of whoever may make none today, or that would be dead at once."""
    own = permissions_of(maker, tenant_id)
    if any(scope.permission not in own for scope in scopes):
        raise ScopeTooWide
    if Permission.API_KEYS_MANAGE not in own:
        raise Forbidden
    if expires_at is not None and expires_at <= at:
        raise ExpiryInThePast
