"""What is in all tables of a product, as one short text per table: equal before and after, if nothing has changed."""

from collections.abc import Collection, Mapping
from functools import partial

from tests.support.connections import Connection, connected
from tests.support.waiting import eventually

_UNDER_WAY = {
    "outbox": "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)",
    "mails": "SELECT EXISTS (SELECT FROM mails WHERE status = 'queued')",
}
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# When an API key was last used is written down some seconds after the use, in the midst of whatever goes on then.
_CONTENT = """
    SELECT count(*) || ' ' || coalesce(md5(string_agg(row, ' ' ORDER BY row)), '')
      FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM {} AS t) AS rows
"""

UNSEEN = {"throttles"}
"""Where a wrong password is counted: of all changes the one that bad input may make."""


async def digest_when_quiet(databases: Mapping[str, str], besides: Collection[str] = ()) -> dict[str, str]:
    """The digest of every table but those ``besides``, as soon as no event and no mail is under way."""
    found: dict[str, str] = {}
    for service, url in databases.items():
        async with connected(url) as connection:
            tables = [row["tablename"] for row in await connection.fetch(_TABLES)]
            await eventually(partial(_is_quiet, connection, tables), f"{service} to come to rest")
            for table in set(tables) - UNSEEN - set(besides):
                found[f"{service}.{table}"] = await connection.fetchval(_CONTENT.format(table))
    return found


async def _is_quiet(connection: Connection, tables: Collection[str]) -> bool:
    asked = [question for table, question in _UNDER_WAY.items() if table in tables]
    return not any([await connection.fetchval(question) for question in asked])
