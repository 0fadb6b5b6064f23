"""The few questions that look across tenants, under the look-up role: whose is this link, this address?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.email import Email
from shared.database import Transaction

_BY_TOKEN = "SELECT tenant_id, id FROM invitations WHERE token_hash = $1"  # noqa: S105 - SQL
_BY_EMAIL = """
    SELECT i.tenant_id, i.id FROM invitations AS i JOIN tenants AS t ON t.id = i.tenant_id
     WHERE i.email = $1 AND i.status = 'pending' AND i.expires_at > $2 AND t.status = 'active'
     ORDER BY i.created_at DESC, i.id DESC
"""
_OVERDUE = """
    SELECT DISTINCT tenant_id FROM invitations
     WHERE status = 'pending' AND expires_at <= $1 AND (reserved_until IS NULL OR reserved_until <= $1)
"""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an invitation is to be found."""

    tenant_id: UUID
    invitation_id: UUID


async def by_token(tx: Transaction, token_hash: bytes) -> Whereabouts | None:
    """The invitation behind a link."""
    row = await tx.fetchrow(_BY_TOKEN, token_hash)
    return Whereabouts(row["tenant_id"], row["id"]) if row else None


async def open_to(tx: Transaction, email: Email, at: datetime) -> list[Whereabouts]:
    """The invitations to an address that can be accepted at ``at``, newest first."""
    return [Whereabouts(row["tenant_id"], row["id"]) for row in await tx.fetch(_BY_EMAIL, email, at)]


async def tenants_with_overdue(tx: Transaction, at: datetime) -> list[UUID]:
    """The tenants with invitations that are over but not marked so."""
    return [row["tenant_id"] for row in await tx.fetch(_OVERDUE, at)]
