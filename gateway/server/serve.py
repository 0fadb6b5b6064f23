"""Listening: every connection of one socket, until it is time to go."""

import asyncio
import socket

from starlette.types import ASGIApp

from gateway.limits.connections import Connections
from gateway.patience import CLIENT_PATIENCE, ClientPatience
from gateway.server.accepting import Accepting
from gateway.server.connection import ClientConnection
from gateway.server.door import Door

BACKLOG = 2048


async def serve(
    app: ASGIApp,
    listening: socket.socket,
    places: Connections | None = None,
    patience: ClientPatience = CLIENT_PATIENCE,
) -> None:
    """Serve until cancelled, then let running requests finish for a while.

    ``places`` is how many connections there may be; without it, any number.
    """
    loop = asyncio.get_running_loop()
    door = Door(app, loop, places, patience)
    accepting = Accepting(listening, BACKLOG, lambda: ClientConnection(door))
    watching = asyncio.create_task(door.watch())
    try:
        await loop.create_future()
    finally:
        accepting.stop()
        await door.drain()
        watching.cancel()
