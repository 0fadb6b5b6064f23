"""The replica of the members."""

from uuid import UUID

from services.invitations.domain.tenancy import Member
from shared.contracts.email import Email
from shared.database import Transaction

_BY_EMAIL = "SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND email = $2)"
_FIND = "SELECT user_id, email, name FROM members WHERE tenant_id = $1 AND user_id = $2"
_PUT = """
    INSERT INTO members (tenant_id, user_id, email, name, sequence) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, user_id) DO UPDATE
    SET email = excluded.email, name = excluded.name, sequence = excluded.sequence
    WHERE members.sequence < excluded.sequence
"""


async def includes(tx: Transaction, email: Email) -> bool:
    """Whether somebody with this address is in the tenant."""
    return bool(await tx.fetchval(_BY_EMAIL, tx.tenant_id, email))


async def find(tx: Transaction, user_id: UUID) -> Member | None:
    """The member with this id; ``None`` for API keys, and for people whose joining has not been told yet."""
    row = await tx.fetchrow(_FIND, tx.tenant_id, user_id)
    return Member(row["user_id"], Email(row["email"]), row["name"]) if row else None


async def put(tx: Transaction, member: Member, sequence: int) -> None:
    """What an event told of the member, unless a newer one has told more."""
    await tx.execute(_PUT, tx.tenant_id, member.user_id, member.email, member.name, sequence)
