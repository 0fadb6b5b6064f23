"""The database of one service, and the only places where a transaction begins and ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from uuid import UUID

import asyncpg

from shared.database.connections import Connections, Lent
from shared.database.joint import joining, joint_of
from shared.database.opening import Connect, connected
from shared.database.outages import CLOSED, LOST, outage
from shared.database.transaction import Transaction

ROLLBACK_SECONDS = 2.0
ANSWER_SECONDS = 20.0
"""A server that says nothing for so long is gone, without a word. One that is there ends a statement before that."""


@dataclass(frozen=True, slots=True)
class Database:
    """One service's database, reached under two roles: the serving one, held to a tenant, and the look-up one."""

    name: str
    serving: Connections
    looking_up: Connections

    @classmethod
    async def open(  # noqa: PLR0913 - where it is, and how it is reached
        cls,
        name: str,
        url: str,
        look_up_url: str,
        *,
        size: int = 10,
        answer_seconds: float = ANSWER_SECONDS,
        connect: Connect = connected,
    ) -> "Database":
        """Make both sets of connections, each of up to ``size``, which connect when first used.

        For looking up there is one more for the relay, which keeps it for as long as it leads. A server that does not
        answer a statement within ``answer_seconds`` counts as lost. ``connect`` makes each connection.
        """
        serving, looking_up = partial(connect, name, url), partial(connect, name, look_up_url)
        return cls(name, Connections(serving, size, answer_seconds), Connections(looking_up, size + 1, answer_seconds))

    async def close(self) -> None:
        """Wait for running statements, then close every connection."""
        await asyncio.gather(self.serving.close(), self.looking_up.close())

    def transaction(self, tenant_id: UUID, person: UUID | None = None) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that row-level security holds to ``tenant_id``.

        ``person`` opens, beside the tenant's rows, the rows that belong to that person in other tenants. It must
        come from a verified caller or a verified token. The settings end with the transaction, so that a connection
        never carries a tenant over. Within a ``joint_transaction`` it is a part of that one.
        """
        if joint := joint_of(self):
            return joint.part(tenant_id, person)
        begin = (
            f"BEGIN; SELECT set_config('app.tenant_id', '{_literal(tenant_id)}', true), "
            f"set_config('app.person_id', '{_literal(person) if person else ''}', true)"
        )
        return _Begun(self.name, self.serving, begin, tenant_id)

    @asynccontextmanager
    async def joint_transaction(self, tenant_id: UUID) -> AsyncIterator[Transaction]:
        """A transaction that all those that this task opens within the block become parts of.

        They succeed or fail together, with the block. Each part is held to its own tenant while it lasts. The
        statements of whoever looks up, and of other tasks, are no parts.
        """
        async with self.transaction(tenant_id) as transaction, joining(self, transaction):
            yield transaction

    def background(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of a worker across tenants, under the look-up role and on the tables granted to it."""
        return _Begun(self.name, self.looking_up, "BEGIN", None)

    def look_up(self) -> AbstractAsyncContextManager[Transaction]:
        """Single statements across tenants under the look-up role: "whose is this token, this address?"."""
        return _Borrowed(self.name, self.looking_up)

    def single_call(self) -> AbstractAsyncContextManager[Transaction]:
        """For a call of a function in the schema whose first act is to set the tenant: a transaction in one round trip.

        Whatever else is asked here sees no row of any tenant. It is no part of a joint transaction.
        """
        return _Borrowed(self.name, self.serving)

    async def ping(self) -> None:
        """Return when the database answers; ``DatabaseUnavailable`` otherwise."""
        async with _Borrowed(self.name, self.serving) as serving:
            await serving.execute("SELECT 1")


class _Borrowed:
    """A connection for the length of a block, in which each statement stands for itself."""

    __slots__ = ("_connections", "_lent", "_name")
    _lent: Lent

    def __init__(self, name: str, connections: Connections) -> None:
        self._name = name
        self._connections = connections

    async def __aenter__(self) -> Transaction:
        self._lent = await _taken(self._connections)
        return Transaction(self._lent, self._name, None)

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if error and _may_have_left_something(error):
            self._lent.connection.terminate()
        self._connections.give_back(self._lent)
        _tell_outage(error)


class _Begun:
    """A transaction, for the length of a block, and the connection that it is on.

    A class, and not a generator: through that every statement within the block would have to pass.
    """

    __slots__ = ("_begin", "_connections", "_lent", "_name", "_tenant_id")
    _lent: Lent

    def __init__(self, name: str, connections: Connections, begin: str, tenant_id: UUID | None) -> None:
        self._name = name
        self._connections = connections
        self._begin = begin
        self._tenant_id = tenant_id

    async def __aenter__(self) -> Transaction:
        self._lent = await _taken(self._connections)
        try:
            await self._lent.run(self._begin)
        except BaseException as error:
            await self._undo(error)
            raise
        return Transaction(self._lent, self._name, self._tenant_id)

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if error is None:
            await self._commit()
        else:
            await self._undo(error)

    async def _commit(self) -> None:
        try:
            done = await self._lent.run("COMMIT")
        except BaseException as error:
            if _may_have_left_something(error):
                self._lent.connection.terminate()
            _tell_outage(error)
            raise
        finally:
            self._connections.give_back(self._lent)
        # When a statement failed before, PostgreSQL rolls back instead, and says so in the tag alone.
        if done != "COMMIT":
            raise RuntimeError("A failed statement was passed over in a transaction: nothing was saved.")

    async def _undo(self, error: BaseException) -> None:
        try:
            await _roll_back(self._lent)
        finally:
            self._connections.give_back(self._lent)
        _tell_outage(error)


async def _taken(connections: Connections) -> Lent:
    try:
        return await connections.take()
    except (*LOST, *CLOSED) as error:
        raise outage(error) from error


async def _roll_back(lent: Lent) -> None:
    """Whatever goes wrong here costs the connection; the first error is the one to tell, unless we are cancelled."""
    try:
        async with asyncio.timeout(ROLLBACK_SECONDS):
            await lent.run("ROLLBACK")
    except BaseException as error:
        lent.connection.terminate()
        if not isinstance(error, Exception):
            raise


def _may_have_left_something(error: BaseException) -> bool:
    """Whether a statement may still be under way; after what PostgreSQL itself has told, none is."""
    told = isinstance(error, asyncpg.PostgresError)
    return not told and (isinstance(error, LOST) or not isinstance(error, Exception))


def _tell_outage(error: BaseException | None) -> None:
    if isinstance(error, LOST):
        raise outage(error) from error


def _literal(identifier: UUID) -> str:
    """A UUID as it may stand between quotes; ``TypeError`` for whatever else would come there."""
    if not isinstance(identifier, UUID):
        raise TypeError(f"{identifier!r} is no UUID")
    return str(identifier)
