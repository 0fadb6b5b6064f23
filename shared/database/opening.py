"""How a connection to a service's database is made."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

if TYPE_CHECKING:
    from shared.database.connections import Connection

CONNECT_SECONDS = 5.0

# A machine that is gone closes no connection, and the server would keep for it what it holds, the lead of a relay or
# the locks of a migration, for as long as TCP tries to reach it, or for hours if there is nothing to say. It is to
# notice in some ten seconds.
_NOTICED_WHEN_GONE = {
    "tcp_user_timeout": "10s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "2",
}
_SESSION = {"statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s", "timezone": "UTC"}

Connect: TypeAlias = "Callable[[str, str], Awaitable[Connection]]"
"""From the service's name and a URL, as ``connected`` does."""


async def connected(name: str, url: str, kind: "type[Connection]" = asyncpg.Connection) -> "Connection":
    """A connection to the database at ``url``, for the service of that name, which has JSON come as what it says."""
    settings = _SESSION | _NOTICED_WHEN_GONE | {"application_name": f"sparknode-{name}"}
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=settings, connection_class=kind)
    try:
        for coded in ("json", "jsonb"):
            await connection.set_type_codec(coded, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    except BaseException:
        connection.terminate()
        raise
    return connection


async def connected_to_migrate(owner_url: str) -> "Connection":
    """A connection under the role that owns the tables, whose statements may take their time."""
    return await asyncpg.connect(owner_url, timeout=CONNECT_SECONDS, server_settings=_NOTICED_WHEN_GONE)
