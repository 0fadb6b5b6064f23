"""The table of sessions. A person's rows are reached in whichever tenant that person acts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.auth.domain.accounts import Tenant
from services.auth.domain.sessions import KEPT_AFTER_THE_END, MOST_AT_ONCE, OUTLIVED_BY, Session
from shared.contracts.tenancy import TenantStatus
from shared.contracts.tenant_settings import SignInMethod
from shared.database import Transaction

# Named as in rows that have a membership in them, too.
_COLUMNS = """
    s.id AS session_id, s.tenant_id, s.user_id, coalesce(s.signed_in_at, s.created_at) AS signed_in_at,
    s.created_at AS began_at, s.last_used_at, s.expires_at, s.agent, s.address, s.methods, s.revoked_at,
    s.revoked_reason
"""
_SELECT = f"SELECT {_COLUMNS} FROM sessions AS s"  # noqa: S608 - column names of this module
_LOCK = f"{_SELECT} WHERE tenant_id = $1 AND user_id = $2 AND id = $3 FOR UPDATE"
_LOCK_OWN = f"{_SELECT} WHERE user_id = $1 AND id = $2 FOR UPDATE"
# In one order, so that two who lock all of a person's sessions do not wait for each other for ever.
_LOCK_LIVE = f"{_SELECT} WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id FOR UPDATE"
LOCK_LIVE_IN = f"""
    {_SELECT}
     WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3 ORDER BY id FOR UPDATE
"""
# A few at a time, should a former release have left many.
_LOCK_SURPLUS = f"""
    {_SELECT}
     WHERE tenant_id = $1 AND id IN (
            SELECT id FROM sessions
             WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3
             ORDER BY id DESC OFFSET $4 LIMIT 100)
     ORDER BY id FOR UPDATE
"""  # noqa: S608 - the same
_FORGET_DEVICES = """
    UPDATE sessions SET agent = '', address = '', expires_at = least(expires_at, $3)
     WHERE tenant_id = $1 AND user_id = $2 AND (revoked_at IS NULL OR agent <> '' OR address <> '')
"""
# Of what has ended nobody wants to know where it was, and it is kept for no longer than is needed.
_END = """
    UPDATE sessions
       SET revoked_at = $3, revoked_reason = $4, agent = '', address = '', expires_at = least(expires_at, $3)
     WHERE tenant_id = $1 AND id = $2
"""
# Days of 24 hours, whatever the time zone of the connection.
_PAGE = f"""
    SELECT {_COLUMNS}, t.name, t.slug, t.status
      FROM sessions AS s JOIN tenants AS t ON t.id = s.tenant_id
     WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
       AND coalesce(s.signed_in_at, s.created_at)
           > greatest($3, $2 - make_interval(hours => 24 * (t.settings->>'session_days')::integer))
       AND s.last_used_at > greatest($4, $2 - make_interval(hours => 24 * (t.settings->>'session_idle_days')::integer))
       AND ($5::uuid IS NULL OR s.id < $5)
     ORDER BY s.id DESC LIMIT $6
"""  # noqa: S608
_ENDED_SINCE = "SELECT id, revoked_at FROM sessions WHERE revoked_at > $1 ORDER BY revoked_at"
# In the order of the index, which is then taken whatever the planner thinks of how many there are.
OVER = "SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2"
_PURGE_TOKENS = """
    DELETE FROM refresh_tokens
     WHERE hash IN (SELECT hash FROM refresh_tokens WHERE session_id = ANY ($1::uuid[]) LIMIT $2)
"""
# None goes that has tokens: another upkeep is at them, and may have left as many as no statement takes along.
_PURGE = """
    DELETE FROM sessions AS s
     WHERE id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT FROM refresh_tokens AS t WHERE t.session_id = s.id)
"""

TOKENS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Live:
    """Which sessions are live: those that end after ``at``, whose person signed in after ``signed_in_since`` and which
    were used after ``used_since``, or later, where their tenant wants that."""

    at: datetime
    signed_in_since: datetime
    used_since: datetime


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of a person's sessions, and the tenant that it is for."""

    session: Session
    tenant: Tenant


async def lock(tx: Transaction, tenant_id: UUID, user_id: UUID, session_id: UUID) -> Session | None:
    """That person's session in that tenant, which nobody else refreshes or ends before the transaction ends."""
    row = await tx.fetchrow(_LOCK, tenant_id, user_id, session_id)
    return read(row) if row else None


async def lock_own(tx: Transaction, user_id: UUID, session_id: UUID) -> Session | None:
    """The same, in whichever tenant of the transaction's person."""
    row = await tx.fetchrow(_LOCK_OWN, user_id, session_id)
    return read(row) if row else None


async def page(tx: Transaction, user_id: UUID, live: Live, *, after: UUID | None, limit: int) -> list[OwnSession]:
    """Up to ``limit`` live sessions of the transaction's person in all tenants, newest first, behind ``after``."""
    rows = await tx.fetch(_PAGE, user_id, live.at, live.signed_in_since, live.used_since, after, limit)
    return [
        OwnSession(read(row), Tenant(row["tenant_id"], row["name"], row["slug"], TenantStatus(row["status"])))
        for row in rows
    ]


async def lock_live(tx: Transaction, user_id: UUID, at: datetime) -> list[Session]:
    """All sessions of the transaction's person with a token that may be good, in all tenants.

    Also those that are over by their time, as long as the last access token is not.
    """
    return [read(row) for row in await tx.fetch(_LOCK_LIVE, user_id, at - OUTLIVED_BY)]


async def lock_live_in(tx: Transaction, tenant_id: UUID, user_id: UUID, at: datetime) -> list[Session]:
    """The same of one person in one tenant."""
    return [read(row) for row in await tx.fetch(LOCK_LIVE_IN, tenant_id, user_id, at - OUTLIVED_BY)]


async def lock_surplus(tx: Transaction, tenant_id: UUID, user_id: UUID, at: datetime) -> list[Session]:
    """The live sessions of one person in one tenant that are older than the newest ``MOST_AT_ONCE``."""
    return [read(row) for row in await tx.fetch(_LOCK_SURPLUS, tenant_id, user_id, at, MOST_AT_ONCE)]


async def forget_devices(tx: Transaction, tenant_id: UUID, user_id: UUID, at: datetime) -> None:
    """Keep of the person's sessions in the tenant only that they are over, and that for no longer than is needed.

    Those that were ended before their time have nothing else; of these there may be more than can be written at once.
    """
    await tx.execute(_FORGET_DEVICES, tenant_id, user_id, at)


async def save_ends(tx: Transaction, sessions: Iterable[Session]) -> None:
    """Write when and why each of ``sessions`` ended, and forget the rest of it."""
    rows = [(s.tenant_id, s.id, s.revoked_at, s.revoked_reason) for s in sessions]
    await tx.execute_many(_END, rows)


async def ended_since(tx: Transaction, since: datetime) -> list[tuple[UUID, datetime]]:
    """Which sessions were ended after ``since``, and when; across tenants on a look-up connection."""
    return [(row["id"], row["revoked_at"]) for row in await tx.fetch(_ENDED_SINCE, since)]


async def purge(tx: Transaction, at: datetime, limit: int) -> int:
    """Drop up to ``limit`` sessions that are over, with their tokens; how many there were.

    Of many tokens ``TOKENS_AT_ONCE`` alone, as if there had been ``limit`` sessions: whoever refreshes in a loop makes
    millions, which no statement removes in the time that it has.
    """
    over = [row["id"] for row in await tx.fetch(OVER, at - KEPT_AFTER_THE_END, limit)]
    if await tx.execute(_PURGE_TOKENS, over, TOKENS_AT_ONCE) == TOKENS_AT_ONCE:
        return limit
    return await tx.execute(_PURGE, over)


def read(row: Record) -> Session:
    """The session of a row that names its columns as the statements here do."""
    return Session(
        id=row["session_id"],
        tenant_id=row["tenant_id"],
        user_id=row["user_id"],
        signed_in_at=row["signed_in_at"],
        created_at=row["began_at"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        agent=row["agent"],
        address=row["address"],
        methods=frozenset(map(SignInMethod, row["methods"])),
        revoked_at=row["revoked_at"],
        revoked_reason=row["revoked_reason"],
    )
