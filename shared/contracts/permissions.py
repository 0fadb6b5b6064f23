"""Who may do what: the permissions, and which role has which."""

from enum import StrEnum
from uuid import UUID

from shared.contracts.tenancy import PLATFORM_TENANT_ID, Role


class Permission(StrEnum):
    """What a route asks for. An API key's scopes are drawn from the same words."""

    USERS_READ = "users:read"
    USERS_MANAGE = "users:manage"
    INVITATIONS_MANAGE = "invitations:manage"
    TENANT_MANAGE = "tenant:manage"
    API_KEYS_MANAGE = "api_keys:manage"
    AUDIT_READ = "audit:read"
    PLATFORM_OPERATE = "platform:operate"


_MEMBER = frozenset({Permission.USERS_READ})
_HR = _MEMBER | {Permission.INVITATIONS_MANAGE}
_ADMIN = _HR | {
    Permission.USERS_MANAGE,
    Permission.TENANT_MANAGE,
    Permission.API_KEYS_MANAGE,
    Permission.AUDIT_READ,
}

_OF_ROLE = {Role.MEMBER: _MEMBER, Role.HR: _HR, Role.ADMIN: _ADMIN, Role.OWNER: _ADMIN}


def permissions_of(role: Role, tenant_id: UUID) -> frozenset[Permission]:
    """What ``role`` allows in ``tenant_id``. Operating the platform takes an owner or admin of the platform tenant."""
    granted = _OF_ROLE[role]
    if tenant_id == PLATFORM_TENANT_ID and role in {Role.OWNER, Role.ADMIN}:
        return granted | {Permission.PLATFORM_OPERATE}
    return granted
