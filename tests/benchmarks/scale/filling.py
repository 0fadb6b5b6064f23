"""Fills databases with tenants and their people, as fast as the server makes rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
from rich.progress import Progress

from tests.integration.auth.sessions.desk import PASSWORD
from tests.support.passwords import HARD, hash_of

AT_ONCE = 2_000
MANY = 2_000
EVERYWHERE = "everywhere@far.example"
EVERYWHERE_ID = UUID("01900000-0000-7000-c000-000000000001")
"""Somebody who belongs to many tenants, at home in the first, with a session there that is called as they are."""

_HERE = Path(__file__).parent
_BELONG = """
    INSERT INTO memberships (tenant_id, user_id, email, name, role, status, joined_via, email_verified, created_at)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(t), 12, '0'))::uuid, $1, $2, 'Everywhere', 'member', 'active',
           'domain', true, now()
      FROM generate_series(1, $3::bigint) AS t
"""

_STAY = """
    INSERT INTO sessions (id, tenant_id, user_id, created_at, last_used_at, expires_at, agent, address)
    VALUES ($1, $2, $1, now(), now(), now() + interval '30 days', 'Firefox', '192.0.2.1')
"""


def tenant_id(number: int) -> UUID:
    """Of the tenant with that number."""
    return UUID(f"01900000-0000-7000-8000-{number:012x}")


def session_id(number: int) -> UUID:
    """Of the session that the owner of the tenant with that number has."""
    return UUID(f"01900000-0000-7000-b000-{number:012x}")


def email_of(tenant: int, person: int) -> str:
    """The address of somebody."""
    return f"p{person}@t{tenant}.example"


def user_id(tenant: int, person: int, people: int) -> UUID:
    """Of somebody, where each tenant has as many ``people``."""
    return UUID(f"01900000-0000-7000-9000-{(tenant - 1) * people + person:012x}")


async def fill_auth(url: str, tenants: int, people: int, progress: Progress) -> None:
    """``people`` in each of ``tenants``, a session in each, and one person in many of them."""
    async with _filling(url) as connection:
        crowd, sessions = (_HERE / "crowd.sql").read_text(), (_HERE / "sessions.sql").read_text()
        task = progress.add_task(f"{tenants * people:,} users", total=tenants)
        for first in range(1, tenants + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, tenants)
            await connection.execute(crowd, first, last, people, hash_of(PASSWORD, **HARD))
            await connection.execute(sessions, first, last, people)
            progress.update(task, completed=last)
        await connection.execute(
            "INSERT INTO users VALUES ($1, $2, $3, 'Everywhere', $4, now(), now())",
            *(EVERYWHERE_ID, tenant_id(1), EVERYWHERE, hash_of(PASSWORD, **HARD)),
        )
        await connection.execute(_BELONG, EVERYWHERE_ID, EVERYWHERE, min(tenants, MANY))
        await connection.execute(_STAY, EVERYWHERE_ID, tenant_id(1))


async def fill_invitations(url: str, tenants: int, progress: Progress) -> None:
    """Some open invitations in each of ``tenants``."""
    async with _filling(url) as connection:
        sql = (_HERE / "invitations.sql").read_text()
        task = progress.add_task(f"{tenants * 5:,} invitations", total=tenants)
        for first in range(1, tenants + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, tenants)
            await connection.execute(sql, first, last)
            progress.update(task, completed=last)


@asynccontextmanager
async def _filling(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A connection that checks no foreign key, because what is made here fits; afterwards all is analysed."""
    connection = await asyncpg.connect(url, command_timeout=600)
    try:
        await connection.execute("SET session_replication_role = replica")
        yield connection
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
