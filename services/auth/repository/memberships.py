"""The table of who belongs to which tenant, and as what."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.auth.domain.accounts import Membership, Tenant
from services.auth.repository import tenants
from shared.contracts.auth import JoinedVia
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Transaction

# Looked up rather than called: a page of the directory reads fifty rows, and that is a good part of what it costs.
_ROLES = {role.value: role for role in Role}
_STATUSES = {status.value: status for status in MembershipStatus}
_WAYS = {way.value: way for way in JoinedVia}

SELECT = """
    SELECT tenant_id, user_id, email, name, role, status, joined_via, email_verified, invitation_id, created_at,
           last_sign_in_at
      FROM memberships
"""
_WITH_TENANT = """
    SELECT m.tenant_id, m.user_id, m.email, m.name, m.role, m.status, m.joined_via, m.email_verified, m.invitation_id,
           m.created_at, m.last_sign_in_at, n.name AS tenant_name, n.slug, n.status AS tenant_status, n.settings::text
      FROM memberships AS m JOIN tenants AS n ON n.id = m.tenant_id
     WHERE m.tenant_id = $1 AND m.user_id = $2
"""
# In one order, so that two who lock several do not wait for each other for ever.
LOCK_WITH_OWNERS = f"""
    {SELECT}
     WHERE tenant_id = $1 AND (user_id = ANY ($2) OR (role = 'owner' AND status = 'active'))
     ORDER BY user_id FOR UPDATE
"""
# Later than any change before, whatever the clocks of two replicas say.
_MARK_ROLE_CHANGE = """
    UPDATE memberships SET role_changed_at = greatest($3, role_changed_at + interval '1 microsecond')
     WHERE tenant_id = $1 AND user_id = $2 RETURNING role_changed_at
"""
ROLES_CHANGED_SINCE = """
    SELECT tenant_id, user_id, role, role_changed_at FROM memberships WHERE role_changed_at > $1
"""
ADMINS = """
    SELECT email FROM memberships
     WHERE tenant_id = $1 AND role = ANY ('{owner,admin}') AND status = 'active'
     ORDER BY role DESC, created_at, user_id LIMIT $2
"""
_MAY_HAVE_MADE_MORE = "SELECT EXISTS (SELECT FROM memberships WHERE user_id = $1 AND role <> 'member')"
_SAVE = """
    INSERT INTO memberships (tenant_id, user_id, email, name, role, status, joined_via, email_verified,
                             invitation_id, created_at, last_sign_in_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (tenant_id, user_id) DO UPDATE
       SET name = excluded.name, role = excluded.role, status = excluded.status, joined_via = excluded.joined_via,
           email_verified = excluded.email_verified, invitation_id = excluded.invitation_id
"""


async def find(tx: Transaction, tenant_id: UUID, user_id: UUID) -> Membership | None:
    """The person's membership in the tenant."""
    row = await tx.fetchrow(f"{SELECT} WHERE tenant_id = $1 AND user_id = $2", tenant_id, user_id)
    return read(row) if row else None


async def find_with_tenant(tx: Transaction, tenant_id: UUID, user_id: UUID) -> tuple[Membership, Tenant] | None:
    """The same, and the tenant that it is in."""
    row = await tx.fetchrow(_WITH_TENANT, tenant_id, user_id)
    return (read(row), tenants.read_beside(row)) if row else None


async def lock(tx: Transaction, tenant_id: UUID, user_id: UUID) -> Membership | None:
    """The same, and nobody else changes it before the transaction ends."""
    row = await tx.fetchrow(f"{SELECT} WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE", tenant_id, user_id)
    return read(row) if row else None


async def lock_with_owners(tx: Transaction, tenant_id: UUID, people: Collection[UUID]) -> list[Membership]:
    """Memberships of these people and of all active owners, which nobody else changes before the transaction ends."""
    return [read(row) for row in await tx.fetch(LOCK_WITH_OWNERS, tenant_id, list(people))]


async def of_person(tx: Transaction, user_id: UUID) -> list[Membership]:
    """All memberships of the transaction's person, oldest first."""
    rows = await tx.fetch(f"{SELECT} WHERE user_id = $1 ORDER BY created_at, tenant_id", user_id)
    return [read(row) for row in rows]


async def may_have_made_more(tx: Transaction, user_id: UUID) -> bool:
    """Whether the transaction's person is anywhere in a role in which one makes API keys or invitations."""
    return bool(await tx.fetchval(_MAY_HAVE_MADE_MORE, user_id))


async def save(tx: Transaction, membership: Membership) -> None:
    """Make the membership, or change it: there is one per person and tenant."""
    await tx.execute(
        _SAVE,
        membership.tenant_id,
        membership.user_id,
        membership.email,
        membership.name,
        membership.role,
        membership.status,
        membership.joined_via,
        membership.email_verified,
        membership.invitation_id,
        membership.created_at,
        membership.last_sign_in_at,
    )


async def mark_role_change(tx: Transaction, membership: Membership, at: datetime) -> datetime:
    """Remember when the role changed; the time, which is later than that of any earlier change."""
    changed_at: datetime = await tx.fetchval(_MARK_ROLE_CHANGE, membership.tenant_id, membership.user_id, at)
    return changed_at


async def roles_changed_since(tx: Transaction, since: datetime) -> list[tuple[UUID, UUID, Role, datetime]]:
    """Tenant, person, role and time of each change after ``since``; across tenants on a look-up connection."""
    rows = await tx.fetch(ROLES_CHANGED_SINCE, since)
    return [(row["tenant_id"], row["user_id"], Role(row["role"]), row["role_changed_at"]) for row in rows]


async def admins(tx: Transaction, tenant_id: UUID, limit: int) -> list[Email]:
    """The addresses of up to ``limit`` people who run the tenant, owners first."""
    return [Email(row["email"]) for row in await tx.fetch(ADMINS, tenant_id, limit)]


async def remove(tx: Transaction, membership: Membership) -> None:
    """End the membership. Keys that the person made in the tenant go with it."""
    sql = "DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2"
    await tx.execute(sql, membership.tenant_id, membership.user_id)


async def remove_provisional(tx: Transaction, user_id: UUID) -> None:
    """Remove what sign-ups with an unproven address made, with all that hangs on it, in whichever tenant."""
    await tx.execute("DELETE FROM memberships WHERE user_id = $1 AND NOT email_verified", user_id)


def read(row: Record) -> Membership:
    """The membership of a row of ``SELECT``, or of one that names its columns as that does."""
    return Membership(
        row["tenant_id"],
        row["user_id"],
        Email(row["email"]),
        row["name"],
        _ROLES[row["role"]],
        _STATUSES[row["status"]],
        _WAYS[row["joined_via"]],
        row["email_verified"],
        row["invitation_id"],
        row["created_at"],
        row["last_sign_in_at"],
    )
