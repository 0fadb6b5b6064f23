"""The invitations of one tenant."""

from datetime import datetime
from uuid import UUID

from services.invitations.domain.invitation import Invitation
from services.invitations.errors import InvitationNotFound
from services.invitations.repository.rows import SELECT, invitation_of, values_of
from shared.contracts.email import Email
from shared.database import Transaction

# The two-number form of the key has a space of its own, apart from the one-number locks of relay and migrations.
_LOCK_ADDRESSES = """
    SELECT pg_advisory_xact_lock(hashtext($1::text), hashtext(email)) FROM unnest($2::text[]) AS email
"""
_GET = f"{SELECT} WHERE tenant_id = $1 AND id = $2"
_LOCK = f"{_GET} FOR UPDATE"
_LOCK_PENDING = f"{SELECT} WHERE tenant_id = $1 AND email = $2 AND status = 'pending' FOR UPDATE"
_LOCK_PENDING_OWNERS = f"""
    {SELECT} WHERE tenant_id = $1 AND role = 'owner' AND status = 'pending' ORDER BY id FOR UPDATE
"""
_LOCK_RAISING_BY = f"""
    {SELECT}
     WHERE tenant_id = $1 AND invited_by = $2 AND status = 'pending' AND role <> 'member' ORDER BY id FOR UPDATE
"""
_TENANTS_NAMED_IN = """
    SELECT DISTINCT tenant_id FROM invitations WHERE operator = $1 AND status = 'pending' ORDER BY tenant_id
"""
_LOCK_NAMED_BY = f"""
    {SELECT} WHERE tenant_id = $1 AND operator = $2 AND status = 'pending' ORDER BY id FOR UPDATE
"""
_HAS_NAMED_AN_OWNER = "SELECT EXISTS (SELECT FROM invitations WHERE tenant_id = $1 AND role = 'owner')"
_HAS_LED_TO_AN_OWNER = """
    SELECT EXISTS (SELECT FROM invitations WHERE tenant_id = $1 AND role = 'owner' AND status = 'accepted')
"""
_LOCK_MAILED = f"{SELECT} WHERE tenant_id = $1 AND id = $2 AND mail_id = $3 FOR UPDATE"
_LOCK_OVERDUE = f"""
    {SELECT}
     WHERE tenant_id = $1 AND status = 'pending' AND expires_at <= $2
       AND (reserved_until IS NULL OR reserved_until <= $2)
     ORDER BY expires_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""
_ADD = """
    INSERT INTO invitations (tenant_id, id, email, role, message, valid_days, token_hash, status, invited_by,
                             created_at, expires_at, reserved_until, ended_at, accepted_by, revoked_by, mail_id,
                             delivery_status, delivery_at, delivery_error, operator)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
"""
_SAVE = """
    UPDATE invitations
       SET email = $3, role = $4, message = $5, valid_days = $6, token_hash = $7, status = $8, invited_by = $9,
           created_at = $10, expires_at = $11, reserved_until = $12, ended_at = $13, accepted_by = $14,
           revoked_by = $15, mail_id = $16, delivery_status = $17, delivery_at = $18, delivery_error = $19,
           operator = $20
     WHERE tenant_id = $1 AND id = $2
"""


async def lock_addresses(tx: Transaction, *emails: Email) -> None:
    """Let nobody else invite, or record as a member, the same addresses in this tenant until the transaction ends.

    Taken before any row is locked, and by everybody in the same order, so that no two transactions wait for each
    other.
    """
    await tx.execute(_LOCK_ADDRESSES, str(tx.tenant_id), sorted(set(emails)))


async def get(tx: Transaction, invitation_id: UUID) -> Invitation:
    """The invitation with this id in the tenant, or ``InvitationNotFound``."""
    row = await tx.fetchrow(_GET, tx.tenant_id, invitation_id)
    if row is None:
        raise InvitationNotFound
    return invitation_of(row)


async def lock(tx: Transaction, invitation_id: UUID) -> Invitation:
    """The same, and nobody else changes it until the transaction ends."""
    row = await tx.fetchrow(_LOCK, tx.tenant_id, invitation_id)
    if row is None:
        raise InvitationNotFound
    return invitation_of(row)


async def lock_pending(tx: Transaction, email: Email) -> Invitation | None:
    """The one row of this address that no other may stand beside; it may be overdue."""
    row = await tx.fetchrow(_LOCK_PENDING, tx.tenant_id, email)
    return invitation_of(row) if row else None


async def lock_pending_owners(tx: Transaction) -> list[Invitation]:
    """All that may still lead to an owner; some may be overdue."""
    return [invitation_of(row) for row in await tx.fetch(_LOCK_PENDING_OWNERS, tx.tenant_id)]


async def lock_raising_by(tx: Transaction, inviter: UUID) -> list[Invitation]:
    """All of ``inviter`` that may still lead to more than a member; some may be overdue."""
    return [invitation_of(row) for row in await tx.fetch(_LOCK_RAISING_BY, tx.tenant_id, inviter)]


async def tenants_named_in(tx: Transaction, operator: UUID) -> list[UUID]:
    """The tenants to whose first owner an invitation is open that the transaction's person has caused, in one order."""
    return [row["tenant_id"] for row in await tx.fetch(_TENANTS_NAMED_IN, operator)]


async def lock_named_by(tx: Transaction, operator: UUID) -> list[Invitation]:
    """All to a first owner of the tenant whom ``operator`` has named; some may be overdue."""
    return [invitation_of(row) for row in await tx.fetch(_LOCK_NAMED_BY, tx.tenant_id, operator)]


async def has_named_an_owner(tx: Transaction) -> bool:
    """Whether anybody was ever asked to be an owner of the tenant."""
    return bool(await tx.fetchval(_HAS_NAMED_AN_OWNER, tx.tenant_id))


async def has_led_to_an_owner(tx: Transaction) -> bool:
    """Whether anybody has accepted that."""
    return bool(await tx.fetchval(_HAS_LED_TO_AN_OWNER, tx.tenant_id))


async def lock_mailed(tx: Transaction, invitation_id: UUID | None, mail_id: UUID) -> Invitation | None:
    """The invitation, if this is its newest mail."""
    row = await tx.fetchrow(_LOCK_MAILED, tx.tenant_id, invitation_id, mail_id)
    return invitation_of(row) if row else None


async def lock_overdue(tx: Transaction, at: datetime, limit: int) -> list[Invitation]:
    """Up to ``limit`` pending rows whose time is over, less those that somebody else works on."""
    return [invitation_of(row) for row in await tx.fetch(_LOCK_OVERDUE, tx.tenant_id, at, limit)]


async def add(tx: Transaction, invitation: Invitation) -> None:
    """A new row."""
    await tx.execute(_ADD, *values_of(invitation))


async def save(tx: Transaction, *invitations: Invitation) -> None:
    """The new state of rows that were locked before."""
    await tx.execute_many(_SAVE, [values_of(invitation) for invitation in invitations])
