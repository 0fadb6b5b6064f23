"""Serving an app on a free loopback port for the length of a test."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

from shared.http.server import listen, serve
from tests.support.background import in_background

Serve = Callable[[ASGIApp, socket.socket], Awaitable[None]]


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0, serve: Serve = serve) -> AsyncIterator[str]:
    """The base URL of ``app``, while the block lasts; on a port of its own, or on one that it had before.

    ``serve`` is the server: that of the services, unless another is given.
    """
    listening = listen("127.0.0.1", port)
    try:
        async with in_background(serve(app, listening)):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()
