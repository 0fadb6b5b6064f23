"""The connection pools of one service, and the only places where a transaction begins and ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from asyncpg import Record
from asyncpg.pool import Pool, PoolConnectionProxy

from shared.database.joint import joining, joint_of
from shared.database.transaction import Transaction
from shared.errors import Unavailable

ACQUIRE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
ROLLBACK_SECONDS = 2.0
RETRY_AFTER_SECONDS = 2.0
ANSWER_SECONDS = 20.0
"""A server that says nothing for so long is gone, without a word. One that is there ends a statement before that."""

_SESSION = {"statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s", "timezone": "UTC"}

_LOST: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that the server has ended, used before the end of it was noticed
    asyncpg.OperatorInterventionError,  # starting, stopping, or tired of waiting for a statement
    asyncpg.InsufficientResourcesError,  # no connection, memory or disk space left
    asyncpg.ReadOnlySQLTransactionError,  # a primary no longer, or not yet
    asyncpg.InvalidAuthorizationSpecificationError,  # the password is being changed
    asyncpg.TransactionRollbackError,  # the victim of a deadlock, who need only come again
    asyncpg.IdleInTransactionSessionTimeoutError,  # we stood still for too long
    asyncpg.InvalidCachedStatementError,  # prepared before a migration; the driver has forgotten it by now
)

log = structlog.get_logger(__name__)


class DatabaseUnavailable(Unavailable):
    """The database does not answer, or cannot do anything for us at the moment."""

    code = "database_unavailable"
    detail = "The database cannot be reached. Try again in a moment."


@dataclass(frozen=True, slots=True)
class Database:
    """One service's database, reached under two roles: the serving one, held to a tenant, and the look-up one."""

    name: str
    serving: "Pool[Record]"
    looking_up: "Pool[Record]"

    @classmethod
    async def open(
        cls, name: str, url: str, look_up_url: str, *, size: int = 10, answer_seconds: float = ANSWER_SECONDS
    ) -> "Database":
        """Make the pools, which connect when first used; each lends ``size`` connections.

        The look-up pool has one more for the relay, which keeps it for as long as it leads. A server that does not
        answer a statement within ``answer_seconds`` counts as lost.
        """
        serving = await _pool(name, url, size, answer_seconds)
        return cls(name, serving, await _pool(name, look_up_url, size + 1, answer_seconds))

    async def close(self) -> None:
        """Wait for running statements, then close every connection."""
        await asyncio.gather(self.serving.close(), self.looking_up.close())

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID, person: UUID | None = None) -> AsyncIterator[Transaction]:
        """A transaction that row-level security holds to ``tenant_id``.

        ``person`` opens, beside the tenant's rows, the rows that belong to that person in other tenants. It must
        come from a verified caller or a verified token. The settings end with the transaction, so that a pooled
        connection never carries a tenant over. Within a ``joint_transaction`` it is a part of that one.
        """
        if joint := joint_of(self):
            async with joint.part(tenant_id, person) as transaction:
                yield transaction
            return
        begin = (
            f"BEGIN; SELECT set_config('app.tenant_id', '{UUID(str(tenant_id))}', true), "
            f"set_config('app.person_id', '{UUID(str(person)) if person else ''}', true)"
        )
        async with self._transaction(self.serving, begin, tenant_id) as transaction:
            yield transaction

    @asynccontextmanager
    async def joint_transaction(self, tenant_id: UUID) -> AsyncIterator[Transaction]:
        """A transaction that all those that this task opens within the block become parts of.

        They succeed or fail together, with the block. Each part is held to its own tenant while it lasts. The
        statements of whoever looks up, and of other tasks, are no parts.
        """
        async with self.transaction(tenant_id) as transaction, joining(self, transaction):
            yield transaction

    @asynccontextmanager
    async def background(self) -> AsyncIterator[Transaction]:
        """A transaction of a worker across tenants, under the look-up role and on the tables granted to it."""
        async with self._transaction(self.looking_up, "BEGIN", None) as transaction:
            yield transaction

    @asynccontextmanager
    async def look_up(self) -> AsyncIterator[Transaction]:
        """Single statements across tenants under the look-up role: "whose is this token, this address?"."""
        async with _borrowed(self.looking_up) as connection:
            yield Transaction(connection, self.name, None)

    async def ping(self) -> None:
        """Return when the database answers; ``DatabaseUnavailable`` otherwise."""
        async with _borrowed(self.serving) as connection:
            await connection.execute("SELECT 1")

    @asynccontextmanager
    async def _transaction(
        self, pool: "Pool[Record]", begin: str, tenant_id: UUID | None
    ) -> AsyncIterator[Transaction]:
        async with _borrowed(pool) as connection:
            try:
                await connection.execute(begin)
                yield Transaction(connection, self.name, tenant_id)
            except BaseException:
                await _roll_back(connection)
                raise
            # When a statement failed before, PostgreSQL rolls back instead, and says so in the tag alone.
            if await connection.execute("COMMIT") != "COMMIT":
                raise RuntimeError("A failed statement was passed over in a transaction: nothing was saved.")


async def _pool(name: str, url: str, size: int, answer_seconds: float) -> "Pool[Record]":
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=answer_seconds,
        init=_prepare,
        reset=_leave_as_is,
        server_settings=_SESSION | {"application_name": f"sparknode-{name}"},
    )


async def _prepare(connection: Any) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _leave_as_is(_: Any) -> None:
    # All settings are local to their transaction, and the pool itself ends an open one: the library's default
    # reset would cost a round trip per use for nothing.
    return


@asynccontextmanager
async def _borrowed(pool: "Pool[Record]") -> AsyncIterator["PoolConnectionProxy[Record]"]:
    try:
        async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
            yield connection
    except _LOST as error:
        log.warning("database unavailable", error=type(error).__name__, reason=str(error))
        raise DatabaseUnavailable(retry_after=RETRY_AFTER_SECONDS) from error


async def _roll_back(connection: "PoolConnectionProxy[Record]") -> None:
    """Whatever goes wrong here costs the connection; the first error is the one to tell, unless we are cancelled."""
    try:
        async with asyncio.timeout(ROLLBACK_SECONDS):
            await connection.execute("ROLLBACK")
    except BaseException as error:
        with suppress(asyncpg.InterfaceError):  # it may be closed, and so back in the pool, already
            connection.terminate()
        if not isinstance(error, Exception):
            raise
