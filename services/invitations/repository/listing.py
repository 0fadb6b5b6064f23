"""The list of a tenant's invitations, newest first, part by part."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.invitations.domain.delivery import DeliveryStatus
from services.invitations.domain.invitation import Invitation, InvitationStatus
from services.invitations.repository.rows import SELECT, invitation_of
from shared.database import Transaction

# An overdue row is expired here as everywhere, whatever its column says.
_LIST = f"""
    {SELECT}
     WHERE tenant_id = $1
       AND (created_at, id) < ($2, $3)
       AND ($4::text IS NULL
            OR $4 = CASE WHEN status = 'pending' AND expires_at <= $7 THEN 'expired' ELSE status END)
       AND ($5::text IS NULL OR delivery_status = $5)
       AND ($6::text IS NULL OR strpos(email, $6) > 0)
     ORDER BY created_at DESC, id DESC
     LIMIT $8
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which invitations are wanted: ``None`` stands for all; ``address_part`` is a part of a canonical address."""

    status: InvitationStatus | None = None
    delivery: DeliveryStatus | None = None
    address_part: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the list: right behind the invitation with these values."""

    created_at: datetime
    id: UUID


# "Behind this or, if that is NULL, from the start" would be read from the start each time, once the server plans
# without looking at the value.
_START = Position(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


async def list_after(
    tx: Transaction, position: Position | None, wanted: Filter, *, at: datetime, limit: int
) -> list[Invitation]:
    """The next ``limit`` invitations after ``position``, each as it stands at ``at``."""
    rows = await tx.fetch(
        _LIST,
        tx.tenant_id,
        (position or _START).created_at,
        (position or _START).id,
        wanted.status,
        wanted.delivery,
        wanted.address_part,
        at,
        limit,
    )
    return [invitation_of(row).seen_at(at) for row in rows]
