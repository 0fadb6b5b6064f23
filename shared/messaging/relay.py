"""Carries committed events from a service's outbox to the transport, in order, as long as the service runs."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg
import structlog
from asyncpg import Record

from shared.database import Database, DatabaseUnavailable
from shared.messaging.backoff import Backoff
from shared.messaging.metrics import PUBLISH_SECONDS, PUBLISHED
from shared.messaging.outbox import envelope_of
from shared.messaging.reasons import reason_of
from shared.messaging.transport import Transport
from shared.tasks import apart

if TYPE_CHECKING:
    from shared.database.connections import Connection

BATCH = 500
POLL_SECONDS = 1.0
STAND_BY_SECONDS = 2.0
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0

_LEAD = "SELECT pg_try_advisory_lock(hashtext('outbox relay'))"
_WAITING = """
    SELECT position, id, tenant_id, type, subject, occurred_at, data, traceparent, actor
      FROM outbox WHERE published_at IS NULL AND position <> ALL($2::text[]::bigint[]) ORDER BY position LIMIT $1
"""
# Changes nothing; but a server that only reads, for want of room, say, refuses it.
_COULD_MARK = "UPDATE outbox SET published_at = now() WHERE false"
_MARK = "UPDATE outbox SET published_at = now() WHERE position = ANY($1::text[]::bigint[])"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Relay:
    """One leads per service, however many replicas run; the others stand by.

    It wakes on NOTIFY and looks by itself every second. A death after publishing and before the mark publishes
    again: delivery is at least once, and consumers take each event in once.
    """

    database: Database
    transport: Transport
    backoff: Backoff = field(default_factory=lambda: Backoff(FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS))
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Relay until cancelled; failures are waited out with growing delays."""
        while True:
            try:
                await apart(self._lead())
                await asyncio.sleep(STAND_BY_SECONDS)
            except Exception as error:  # noqa: BLE001 - the relay outlives every failure of database and transport
                log.warning("relay interrupted", service=self.database.name, reason=reason_of(error))
                await asyncio.sleep(self.backoff.delay())

    async def drain(self) -> int:
        """Publish what waits now and return how many events that were.

        While a batch is published, the one before it is marked and the one after it is fetched. Batches are
        published one after another, so that a subject's events keep their order whatever fails.
        """
        published: Sequence[Record] = []
        count = 0
        waiting = await self._fetch(besides=[])
        while waiting or published:
            async with asyncio.TaskGroup() as side_by_side:
                side_by_side.create_task(self._mark(published))
                following = side_by_side.create_task(self._fetch(besides=[*published, *waiting]))
                await self._publish(waiting)
            count += len(waiting)
            published, waiting = waiting, following.result()
        return count

    async def _lead(self) -> None:
        """Take the lead and relay while the connection that holds it lives; return at once when another leads."""
        async with self.database.looking_up.lend() as connection:
            leads: bool | None = None
            try:
                async with self._until_an_answer_is_due():
                    leads = await connection.fetchval(_LEAD)
                    if leads:
                        await connection.execute(_COULD_MARK)
                        await connection.add_listener("outbox", self._on_notify)
                if leads:
                    await self._relay_while_alive(connection)
            finally:
                # Closing, rather than handing back, gives up the lock and the subscription whatever happened.
                if leads is not False:
                    with suppress(asyncpg.InterfaceError):  # it may be closed already
                        connection.terminate()

    async def _relay_while_alive(self, connection: "Connection") -> None:
        while True:
            self._wake.clear()
            await self.drain()
            self.backoff.reset()
            if connection.is_closed():
                raise DatabaseUnavailable
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                async with self._until_an_answer_is_due():
                    await connection.execute("SELECT 1")

    def _until_an_answer_is_due(self) -> asyncio.Timeout:
        """A server that says nothing for longer is gone, and what it led to here would never be carried."""
        return asyncio.timeout(self.database.looking_up.answer_seconds)

    def _on_notify(self, *_: object) -> None:
        self._wake.set()

    async def _fetch(self, *, besides: Sequence[Record]) -> Sequence[Record]:
        async with self.database.look_up() as rows:
            return await rows.fetch(_WAITING, BATCH, _positions(besides))

    async def _publish(self, waiting: Sequence[Record]) -> None:
        if waiting:
            with PUBLISH_SECONDS.labels(self.database.name).time():
                await self.transport.publish([envelope_of(row, self.database.name) for row in waiting])

    async def _mark(self, published: Sequence[Record]) -> None:
        if published:
            async with self.database.look_up() as rows:
                await rows.execute(_MARK, _positions(published))
            PUBLISHED.labels(self.database.name).inc(len(published))


def _positions(rows: Sequence[Record]) -> list[str]:
    """As text, for the reason that the consumer has."""
    return [str(row["position"]) for row in rows]
