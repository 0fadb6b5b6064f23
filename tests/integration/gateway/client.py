"""An app to answer, a server for it, and a client with one connection, which sends what it likes."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.patience import ClientPatience
from gateway.server import serve
from tests.support.servers import serving

IMPATIENT = ClientPatience(head=0.1, idle=0.1, stall=0.1, linger=0.1, drain=0.1, watch=0.02)
GET = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = 8 * 1024 * 1024
REST_SECONDS = 0.1


@dataclass
class App:
    """Answers with its path; ``wait`` waits for ``go_on``, ``large`` is large."""

    asked: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        if "refusal" in scope["state"]:
            await answer(send, scope["state"]["refusal"].status, b"")
            return
        try:
            if scope["path"].startswith("/wait"):
                await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        if scope["path"] == "/body":
            await answer(send, 200, await body(receive))
            return
        await answer(send, 200, b"x" * LARGE if scope["path"] == "/large" else scope["path"].encode())


async def body(receive: Receive) -> bytes:
    """All of it."""
    pieces, more = b"", True
    while more:
        message = await receive()
        pieces, more = pieces + message["body"], message["more_body"]
    return pieces


async def answer(send: Send, status: int, body: bytes) -> None:
    """An answer of known length."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def reply(self) -> tuple[int, bytes]:
        """The next answer: its status and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        return int(head.split(b" ")[1]), await self.reader.readexactly(int(length[1])) if length else b""

    async def is_cut_off(self) -> bool:
        """Wait for the server to hang up; whether it did so without another word."""
        return await self.reader.read() == b""


@asynccontextmanager
async def client_of(app: ASGIApp, patience: ClientPatience = ClientPatience()) -> AsyncIterator[Client]:  # noqa: B008
    async with serving(app, serve=partial(serve, patience=patience)) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        yield Client(reader, writer)
        await hang_up(writer)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """End the connection, whatever was not sent yet, and wait until it has ended."""
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what changes is on the other side of a socket
        await asyncio.sleep(0)
