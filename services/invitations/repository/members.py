"""The replica of the members."""

from operator import itemgetter
from uuid import UUID

from asyncpg import Record

from services.invitations.domain.tenancy import Member
from shared.contracts.email import Email
from shared.contracts.tenancy import MembershipStatus, Role
from shared.database import Transaction
from shared.ids import BEFORE_ALL

_BY_EMAIL = "SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND email = $2)"
_GET = "SELECT user_id, email, name, role, status FROM members WHERE tenant_id = $1 AND user_id = $2"
_FIND = f"{_GET} AND email <> ''"
# Not the row itself: whoever waits to change that, waits for all who come to share it meanwhile, and HR tools come
# without end. Here who comes later waits in turn. The keys are of the kind that addresses have.
_HOLD = "SELECT pg_advisory_xact_lock_shared(hashtext($1::text), hashtext($2::text))"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext($1::text), hashtext($2::text))"
_PAGE = """
    SELECT tenant_id, user_id, email, name, role, status, sequence FROM members
     WHERE email <> '' AND (tenant_id, user_id) > ($1, $2)
     ORDER BY tenant_id, user_id LIMIT $3
"""
# Arrays of text, since of others the driver asks the server first, on each new connection.
_PUT = """
    INSERT INTO members (tenant_id, user_id, email, name, role, status, sequence)
    SELECT $1, * FROM unnest($2::text[]::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]::bigint[])
    ON CONFLICT (tenant_id, user_id) DO UPDATE
    SET email = excluded.email, name = excluded.name, role = excluded.role, status = excluded.status,
        sequence = excluded.sequence
    WHERE members.sequence < excluded.sequence
"""
# A row stays, or is made, so that what was told before cannot bring the person back, also when it comes only now.
_FORGET = """
    INSERT INTO members (tenant_id, user_id, email, name, sequence) VALUES ($1, $2, '', '', $3)
    ON CONFLICT (tenant_id, user_id) DO UPDATE
    SET email = '', name = '', role = NULL, status = NULL, sequence = excluded.sequence
    WHERE members.sequence < excluded.sequence
"""


async def includes(tx: Transaction, email: Email) -> bool:
    """Whether somebody with this address is in the tenant."""
    return bool(await tx.fetchval(_BY_EMAIL, tx.tenant_id, email))


async def find(tx: Transaction, user_id: UUID) -> Member | None:
    """The member with this id; ``None`` for API keys, for who has left, and for whom nothing has been told of yet."""
    row = await tx.fetchrow(_FIND, tx.tenant_id, user_id)
    return _member(row) if row else None


async def recall(tx: Transaction, user_id: UUID) -> Member | None:
    """The same with those who have left."""
    return await _get(tx, user_id)


async def hold(tx: Transaction, user_id: UUID) -> Member | None:
    """The same; who takes back what they offer waits until the transaction ends.

    Taken behind ``invitations.lock_addresses`` and before any invitation is locked.
    """
    await tx.execute(_HOLD, str(tx.tenant_id), str(user_id))
    return await _get(tx, user_id)


async def lock(tx: Transaction, user_id: UUID) -> Member | None:
    """The same when all who hold the person have ended, and nobody does until the transaction ends."""
    await tx.execute(_LOCK, str(tx.tenant_id), str(user_id))
    return await _get(tx, user_id)


async def put(tx: Transaction, *told: tuple[Member, int]) -> None:
    """What events told of members, each with its sequence, unless a newer one has told more."""
    newest = {member.user_id: (member, sequence) for member, sequence in sorted(told, key=itemgetter(1))}
    rows = [
        (str(member.user_id), member.email, member.name, member.role, member.status, str(sequence))
        for member, sequence in newest.values()
    ]
    await tx.execute(_PUT, tx.tenant_id, *map(list, zip(*rows, strict=True)))


async def page(across: Transaction, after: tuple[UUID, UUID] | None, limit: int) -> list[tuple[UUID, Member, int]]:
    """Up to ``limit`` members of all tenants by tenant and person, behind ``after``: tenant, member, and what was
    heard of them last."""
    tenant_id, user_id = after or (BEFORE_ALL, BEFORE_ALL)
    rows = await across.fetch(_PAGE, tenant_id, user_id, limit)
    return [(row["tenant_id"], _member(row), row["sequence"]) for row in rows]


async def forget(tx: Transaction, user_id: UUID, sequence: int) -> None:
    """The person has left, unless a newer event has told that they are back. An older one cannot bring them back."""
    await tx.execute(_FORGET, tx.tenant_id, user_id, sequence)


async def _get(tx: Transaction, user_id: UUID) -> Member | None:
    row = await tx.fetchrow(_GET, tx.tenant_id, user_id)
    return _member(row) if row else None


def _member(row: Record) -> Member:
    role = Role(row["role"]) if row["role"] else None
    status = MembershipStatus(row["status"]) if row["status"] else None
    return Member(row["user_id"], Email(row["email"]), row["name"], role, status)
