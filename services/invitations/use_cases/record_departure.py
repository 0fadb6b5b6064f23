"""Take note that a person has left a tenant."""

from dataclasses import dataclass
from uuid import UUID

from services.invitations.repository import invitations, members
from shared.contracts.email import Email
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class RecordDeparture:
    """The person may be invited again, and nothing is kept of them but that they were here."""

    async def __call__(self, tx: Transaction, user_id: UUID, email: Email, *, sequence: int) -> None:
        await invitations.lock_addresses(tx, email)
        await members.forget(tx, user_id, sequence)
