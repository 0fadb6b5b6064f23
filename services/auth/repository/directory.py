"""The directory: lists of the people of one tenant, page by page."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.auth.domain.accounts import Membership
from services.auth.repository import memberships
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Transaction

# A page is found by what the last row of the page before sorts by, so that page 1,000 costs what page 1 does and a
# person who joins meanwhile shifts nobody.
_PAGE = f"""
    {memberships.SELECT}
     WHERE tenant_id = $1
       AND ($2::text IS NULL OR name ILIKE $2 OR email ILIKE $2)
       AND ($3::text IS NULL OR status = $3)
       AND ($4::text IS NULL OR role = $4)
       AND ($5::timestamptz IS NULL OR (created_at, user_id) > ($5, $6::uuid))
     ORDER BY created_at, user_id LIMIT $7
"""
_MEMBERS = """
    SELECT tenant_id, user_id, email, name, invitation_id FROM memberships
     WHERE email_verified AND ($1::uuid IS NULL OR (tenant_id, user_id) > ($1, $2::uuid))
     ORDER BY tenant_id, user_id LIMIT $3
"""
_LIKE_SIGNS = re.compile(r"[\\%_]")


MemberKey = tuple[UUID, UUID]
"""Tenant and person."""


@dataclass(frozen=True, slots=True)
class Member:
    """What other services keep of a membership; ``invitation_id`` is the invitation that it consumed last."""

    tenant_id: UUID
    user_id: UUID
    email: str
    name: str
    invitation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Who is wanted: a part of name or address in any letter case, a status, a role; ``None`` is any."""

    text: str | None = None
    status: MembershipStatus | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list, behind the person who joined then."""

    created_at: datetime
    user_id: UUID

    @classmethod
    def of(cls, membership: Membership) -> "Position":
        """Behind ``membership``."""
        return cls(membership.created_at, membership.user_id)


async def page(
    tx: Transaction, tenant_id: UUID, wanted: Filter, *, after: Position | None, limit: int
) -> list[Membership]:
    """Up to ``limit`` people of the tenant behind ``after``, in the order in which they joined."""
    rows = await tx.fetch(
        _PAGE,
        tenant_id,
        _containing(wanted.text) if wanted.text else None,
        wanted.status,
        wanted.role,
        after.created_at if after else None,
        after.user_id if after else None,
        limit,
    )
    return [memberships.read(row) for row in rows]


async def members(across: Transaction, *, after: MemberKey | None, limit: int) -> list[Member]:
    """Up to ``limit`` members with a proven address behind ``after``, of all tenants; on a look-up connection."""
    tenant_id, user_id = after or (None, None)
    return [Member(**row) for row in await across.fetch(_MEMBERS, tenant_id, user_id, limit)]


def _containing(text: str) -> str:
    """The LIKE pattern in which ``text`` stands for nothing but itself."""
    escaped = _LIKE_SIGNS.sub(r"\\\g<0>", text)
    return f"%{escaped}%"
