"""The directory: lists of the people of one tenant, page by page."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.auth.domain.accounts import Membership
from services.auth.repository import memberships
from shared.contracts.email import part_as_stored
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Transaction
from shared.ids import BEFORE_ALL

# A page is found by what the last row of the page before sorts by, so that page 1,000 costs what page 1 does and a
# person who joins meanwhile shifts nobody. Each statement names only what is asked for, so that the index which fits
# best is taken: by role, by status where that is not the usual one, else by age. A text is looked for in that order,
# too, until the page is full: under row-level security PostgreSQL takes no index for a part of a text.
_AFTER = "(created_at, user_id) > ({}, {}::uuid)"
_CONTAINS = "(name ILIKE {} OR email ILIKE {})"
_EVERYBODY = """
    SELECT tenant_id, user_id, email, name, role, status, joined_via, email_verified, invitation_id, created_at,
           last_sign_in_at
      FROM directory_page($1, $2, $3, $4)
"""
_MEMBERS = """
    SELECT tenant_id, user_id, email, name, role, status, invitation_id FROM memberships
     WHERE email_verified AND (tenant_id, user_id) > ($1, $2)
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
    role: str
    status: str
    invitation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Who is wanted: a part of name or address in any letter case, a status, a role; ``None`` is any."""

    text: str | None = None
    status: MembershipStatus | None = None
    role: Role | None = None


ANYBODY = Filter()


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list, behind the person who joined then."""

    created_at: datetime
    user_id: UUID

    @classmethod
    def of(cls, membership: Membership) -> "Position":
        """Behind ``membership``."""
        return cls(membership.created_at, membership.user_id)


_BEFORE_EVERYBODY = Position(datetime.min.replace(tzinfo=UTC), BEFORE_ALL)


async def everybody(call: Transaction, tenant_id: UUID, *, after: Position | None, limit: int) -> list[Membership]:
    """As ``page``, when nobody in particular is wanted; as a single call, which is a transaction of its own."""
    place = after or _BEFORE_EVERYBODY
    rows = await call.fetch(_EVERYBODY, tenant_id, place.created_at, place.user_id, limit)
    return [memberships.read(row) for row in rows]


async def page(
    tx: Transaction, tenant_id: UUID, wanted: Filter, *, after: Position | None, limit: int
) -> list[Membership]:
    """Up to ``limit`` people of the tenant behind ``after``, in the order in which they joined."""
    sql, arguments = statement(tenant_id, wanted, after, limit)
    return [memberships.read(row) for row in await tx.fetch(sql, *arguments)]


def statement(tenant_id: UUID, wanted: Filter, after: Position | None, limit: int) -> tuple[str, list[object]]:
    """The statement for one page, and its arguments."""
    arguments: list[object] = [tenant_id, limit]
    conditions = ["tenant_id = $1"]

    def ask(condition: str, *values: object) -> None:
        first = len(arguments) + 1
        arguments.extend(values)
        conditions.append(condition.format(*(f"${first + n}" for n in range(len(values)))))

    if wanted.role:
        ask("role = {}", wanted.role)
    if wanted.status is MembershipStatus.ACTIVE:
        ask("status = {}", wanted.status)
    elif wanted.status:
        ask("status = {} AND status <> 'active'", wanted.status)  # for a plan that is made before the value is known
    if wanted.text:
        ask(_CONTAINS, _containing(wanted.text), _containing(part_as_stored(wanted.text)))
    if after:
        ask(_AFTER, after.created_at, after.user_id)
    return f"{memberships.SELECT} WHERE {' AND '.join(conditions)} ORDER BY created_at, user_id LIMIT $2", arguments


async def members(across: Transaction, *, after: MemberKey | None, limit: int) -> list[Member]:
    """Up to ``limit`` members with a proven address behind ``after``, of all tenants; on a look-up connection."""
    tenant_id, user_id = after or (BEFORE_ALL, BEFORE_ALL)
    return [Member(**row) for row in await across.fetch(_MEMBERS, tenant_id, user_id, limit)]


def _containing(text: str) -> str:
    """The LIKE pattern in which ``text`` stands for nothing but itself."""
    escaped = _LIKE_SIGNS.sub(r"\\\g<0>", text)
    return f"%{escaped}%"
