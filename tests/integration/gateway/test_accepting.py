"""How connections are taken from a listening socket."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.testing import capture_logs

from gateway.server.accepting import Accepting

CROWD, ROUNDS = 60, 20


class Taken(asyncio.Protocol):
    """Counts itself, and hangs up in the end."""

    lines: list[asyncio.BaseTransport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.lines.append(transport)


class Crowded(socket.socket):
    """Says once that there is no room for another file."""

    has_room = False

    def accept(self) -> tuple[socket.socket, object]:
        if not self.has_room:
            self.has_room = True
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


@contextmanager
def taking(listening: socket.socket, clients: int) -> Iterator[list[asyncio.BaseTransport]]:
    """As many as have come already are taken while the block lasts."""
    address, lines = listening.getsockname(), list[asyncio.BaseTransport]()
    waiting = [socket.create_connection(address) for _ in range(clients)]
    kind = type("Kind", (Taken,), {"lines": lines})
    accepting = Accepting(listening, CROWD, kind, rest_seconds=0.01)
    try:
        yield lines
    finally:
        accepting.stop()
        for line in lines:
            line.close()
        for client in waiting:
            client.close()


async def test_a_crowd_is_not_taken_one_by_one() -> None:
    with taking(socket.create_server(("127.0.0.1", 0), backlog=CROWD), CROWD) as lines:
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        assert len(lines) == CROWD


async def test_where_there_was_no_room_it_is_tried_again() -> None:
    listening = Crowded(fileno=socket.create_server(("127.0.0.1", 0), backlog=CROWD).detach())
    with capture_logs() as told, taking(listening, 1) as lines:
        async with asyncio.timeout(5):
            while not lines:  # noqa: ASYNC110 - what changes is on the other side of a socket
                await asyncio.sleep(0)
    assert [line["event"] for line in told] == ["no connection can be taken"]
