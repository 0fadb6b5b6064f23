"""Watches over the embedded database server while the product runs."""

import asyncio

import structlog

from cli.postgres import EmbeddedPostgres, EmbeddedPostgresError
from shared.process import CannotStart

LOOK_AGAIN_SECONDS = 0.5

log = structlog.get_logger(__name__)


async def keep_running(server: EmbeddedPostgres) -> None:
    """Start ``server`` again whenever it has died, until cancelled; ``CannotStart`` when it will not come up."""
    while True:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        if not server.is_running:
            log.warning("the database server has died and is started again")
            await _start(server)


async def _start(server: EmbeddedPostgres) -> None:
    starting = asyncio.ensure_future(asyncio.to_thread(server.start))
    try:
        await asyncio.shield(starting)
    except EmbeddedPostgresError as error:
        raise CannotStart(str(error)) from error
    finally:
        # A thread cannot be cancelled. Who stops the server next must not meet one that is being started.
        await asyncio.wait([starting])
