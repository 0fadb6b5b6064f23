"""A relay at work while a test looks on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from shared.database import Database
from shared.messaging.backoff import Backoff
from shared.messaging.relay import Relay
from shared.messaging.transport import Transport

Open = Callable[..., Awaitable[Database]]


@asynccontextmanager
async def running(database: Database, transport: Transport, backoff: Backoff | None = None) -> AsyncIterator[None]:
    relay = Relay(database, transport)
    relay.backoff = backoff or relay.backoff
    task = asyncio.ensure_future(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
