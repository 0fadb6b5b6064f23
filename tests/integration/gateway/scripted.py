"""A service that says what it was told to, whatever it is asked, and the way to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gateway.upstream import Question, Upstream
from shared.http.tls import usual_authorities

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = Question("GET", b"/x", [])


class Scripted:
    """A service that answers each request of a connection with the next of these octets; after the last it waits."""

    def __init__(self, *answers: bytes, hangs_up: bool = False) -> None:
        self.answers = answers
        self.hangs_up = hangs_up
        self.heads: list[bytes] = []
        self.connections = 0
        self.at_work = 0
        self.left = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.at_work += 1
        try:
            for answer in self.answers:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(answer)
            if not self.hangs_up:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.left.set()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.at_work -= 1

    async def rest(self) -> None:
        """Wait until all connections are closed."""
        while self.at_work:  # noqa: ASYNC110 - what changes is on the other side of a socket
            await asyncio.sleep(0)


@asynccontextmanager
async def before(*services: Scripted, base_url: str = "http://127.0.0.1:{}") -> AsyncIterator[Upstream]:
    """The way to a service, on the first of its addresses; several listen on 127.0.0.1, 127.0.0.2 and so on."""
    port, servers = 0, []
    for number, service in enumerate(services, start=1):
        servers.append(await asyncio.start_server(service, f"127.0.0.{number}", port))
        port = servers[0].sockets[0].getsockname()[1]

    async def resolve(_: str, __: int) -> list[str]:
        return [f"127.0.0.{number}" for number in range(1, len(services) + 1)]

    upstream = Upstream(base_url.format(port), usual_authorities(), resolve)
    try:
        yield upstream
    finally:
        await upstream.close()
        for server in servers:
            server.close()
        for service in services:
            await service.rest()


async def read(upstream: Upstream, question: Question = GET) -> tuple[int, bytes]:
    reply = await upstream.ask(question)
    try:
        body = b""
        while piece := await reply.read():
            body += piece
        return reply.status, body
    finally:
        reply.close()


@asynccontextmanager
async def deaf(host: str, port: int) -> AsyncIterator[int]:
    """Nobody takes the connections that come to this port, and there is room for one."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind((host, port))
        listening.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
