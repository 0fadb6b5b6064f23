"""How a connection to a service's database is made."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

if TYPE_CHECKING:
    from shared.database.connections import Connection

CONNECT_SECONDS = 5.0

_SESSION = {"statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s", "timezone": "UTC"}

Connect: TypeAlias = "Callable[[str, str], Awaitable[Connection]]"
"""From the service's name and a URL, as ``connected`` does."""


async def connected(name: str, url: str, kind: "type[Connection]" = asyncpg.Connection) -> "Connection":
    """A connection to the database at ``url``, for the service of that name, which has JSON come as what it says."""
    settings = _SESSION | {"application_name": f"sparknode-{name}"}
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=settings, connection_class=kind)
    try:
        for coded in ("json", "jsonb"):
            await connection.set_type_codec(coded, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    except BaseException:
        connection.terminate()
        raise
    return connection
