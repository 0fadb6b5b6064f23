"""A relay at work while a test looks on."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from shared.database import Database
from shared.messaging.backoff import Backoff
from shared.messaging.relay import Relay
from shared.messaging.transport import Transport
from tests.support.background import in_background

Open = Callable[..., Awaitable[Database]]


@asynccontextmanager
async def running(database: Database, transport: Transport, backoff: Backoff | None = None) -> AsyncIterator[None]:
    relay = Relay(database, transport)
    relay.backoff = backoff or relay.backoff
    async with in_background(relay.run()):
        yield
