"""What may become of a member, and who may decide it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from services.auth.domain.accounts import Membership
from services.auth.errors.members import AddressUnproven, LastOwner, NotApproved, RoleTooHigh
from shared.contracts.permissions import Permission, permissions_of
from shared.contracts.tenancy import MembershipStatus, Role
from shared.errors import Forbidden

MOST_ADMINS_TOLD = 10
"""A company with hundreds of admins does not want hundreds of mails about each newcomer and each of its domains."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a member is to be; ``None`` leaves it as it is. ``status`` is active or suspended."""

    role: Role | None = None
    status: MembershipStatus | None = None
    name: str | None = None


def change(member: Membership, wanted: Wanted, *, by: Membership, owners: Iterable[Membership]) -> Membership:
    """``member`` as wanted by ``by``, who may be the member; ``owners`` are all active owners of the tenant.

    - Nobody changes, or makes, somebody with a role above their own; and only who manages members today does at all.
    - Active and suspended follow each other; who waits for approval can be approved, or removed, and not suspended:
      the end of a suspension would let them in without a word about that.
    - Whose address nobody has proven is given nothing: what they have is void once somebody does.
    - The last active owner stays one.
    """
    _require_power(by, member.role, wanted.role or member.role)
    if not member.email_verified:
        raise AddressUnproven
    changed = member._replace(
        role=wanted.role or member.role,
        status=_status(member, wanted.status),
        name=wanted.name or member.name,
    )
    if not _is_active_owner(changed):
        _require_another_owner(member, owners)
    return changed


def require_removable(member: Membership, *, by: Membership, owners: Iterable[Membership]) -> None:
    """Refuse to let ``by`` remove somebody above them, or anybody the last active owner. Oneself is fine."""
    _require_power(by, member.role)
    _require_another_owner(member, owners)


def require_permission(by: Membership | None, permission: Permission) -> None:
    """Refuse whoever may not do that as what they are today, whatever their token says."""
    if by is None or by.status is not MembershipStatus.ACTIVE:
        raise Forbidden
    if permission not in permissions_of(by.role, by.tenant_id):
        raise Forbidden


def _require_power(by: Membership, *roles: Role) -> None:
    if by.status is MembershipStatus.ACTIVE and any(role.rank > by.role.rank for role in roles):
        raise RoleTooHigh
    require_permission(by, Permission.USERS_MANAGE)


def _status(member: Membership, wanted: MembershipStatus | None) -> MembershipStatus:
    if wanted is None or wanted is member.status:
        return member.status
    match member.status:
        case MembershipStatus.PENDING if wanted is MembershipStatus.SUSPENDED:
            raise NotApproved
        case MembershipStatus.PENDING | MembershipStatus.ACTIVE | MembershipStatus.SUSPENDED:
            return wanted
        case never:
            assert_never(never)


def _require_another_owner(member: Membership, owners: Iterable[Membership]) -> None:
    if _is_active_owner(member) and all(owner.user_id == member.user_id for owner in owners):
        raise LastOwner


def _is_active_owner(member: Membership) -> bool:
    return member.role is Role.OWNER and member.status is MembershipStatus.ACTIVE
