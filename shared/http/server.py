"""Serving an ASGI app on a socket of our own until it is cancelled."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from shared.http.protocol import StrictProtocol
from shared.process import CannotStart

BACKLOG = 2048
DRAIN_SECONDS = 10


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process (``shared.process``), which may run several servers."""
        yield


def listen(host: str, port: int, *, variable: str = "PORT") -> socket.socket:
    """A listening socket; ``CannotStart`` says what to do when the port is taken or may not be used.

    ``variable`` is the setting that has chosen it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while ")[0]  # the library repeats the address
        way_out = "Choose" if isinstance(error, PermissionError) else "Stop what uses it, or choose"
        raise CannotStart(
            f"Cannot listen on {host} port {port}: {reason}. {way_out} another with {variable}=…"
        ) from error
    # Its connections inherit it. The body of an answer, written after the head, else waits 40 ms for the client to
    # confirm that; uvloop sees to it by itself, and asyncio only where a socket names its protocol.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until cancelled, then let running requests finish for up to ten seconds."""
    server = _Server(
        uvicorn.Config(
            app,
            http=StrictProtocol,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
