"""What a service does about events beside answering requests: it carries its own away, and takes in those of others."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog

from shared.contracts.subscriptions import SUBSCRIPTIONS
from shared.database import Database
from shared.messaging.dead_letters import DeadLetterTable
from shared.messaging.housekeeping import Housekeeping, Retention
from shared.messaging.rabbitmq import Intake, RabbitMQ, Topology
from shared.messaging.relay import Relay
from shared.messaging.transport import Listener
from shared.messaging.watch import DeadLetterWatch
from shared.settings import DatabaseSettings

log = structlog.get_logger(__name__)


class Worker(Protocol):
    """Something that goes on beside answering requests."""

    async def run(self) -> None:
        """Work until cancelled; outlive every outage."""


def housekeeping(database: Database, listener: Listener | None, settings: DatabaseSettings) -> Housekeeping:
    """The upkeep of the outbox, and of the inbox of those who listen, as ``settings`` want it."""
    retention = Retention(
        outbox=timedelta(days=settings.outbox_retention_days), inbox=timedelta(days=settings.inbox_retention_days)
    )
    return Housekeeping(database, retention, has_inbox=listener is not None)


def watch(
    database: Database, listener: Listener | None, *elsewhere: Callable[[], Awaitable[int]]
) -> tuple[Worker, ...]:
    """Who counts the dead letters of a service that listens: those in its database, and ``elsewhere``."""
    if listener is None:
        return ()
    return (DeadLetterWatch(listener.name, (DeadLetterTable(database, listener.name).count, *elsewhere)),)


@asynccontextmanager
async def backbone(
    database: Database, listener: Listener | None, settings: DatabaseSettings
) -> AsyncIterator[tuple[Worker, ...]]:
    """The workers to run while the block lasts, in each process of the service: one of them all relays at a time, and
    one receives. Without a broker nothing is carried, and events wait in the outbox."""
    upkeep = housekeeping(database, listener, settings)
    if settings.amqp_url is None:
        log.warning("events wait in the outbox", reason="AMQP_URL is not set")
        yield (upkeep, *watch(database, listener))
        return
    topology = Topology.of(SUBSCRIPTIONS, settings.events_delivery_limit)
    broker = RabbitMQ(settings.amqp_url.get_secret_value(), database.name, topology)
    workers: tuple[Worker, ...] = (upkeep, Relay(database, broker.transport))
    if listener:
        intake = Intake(prefetch=settings.events_prefetch, delivery_limit=settings.events_delivery_limit)
        workers += (broker.consumer(listener, intake),)
        workers += watch(database, listener, partial(broker.dead_letters, listener.name))
    try:
        yield workers
    finally:
        await broker.close()
