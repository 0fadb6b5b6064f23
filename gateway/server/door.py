"""What the connections of one socket have in common: how many there may be, how long they may take, and the end."""

import asyncio
from typing import Protocol

from starlette.types import ASGIApp

from gateway.limits.connections import Connections, Place
from gateway.patience import ClientPatience

PARTS = 20
"""In which all connections are looked at, one after the other."""


class Guest(Protocol):
    """A connection, as the door knows it."""

    client: tuple[str, int] | None
    deadline: float
    """The loop's time."""
    place: Place | None

    def time_out(self) -> None:
        """``deadline`` has come."""

    def stop(self) -> None:
        """Answer what is being answered, and hang up."""

    def abort(self) -> None:
        """Hang up now."""


class Door:
    """Knows all that are in, watches their time, and shows them out."""

    def __init__(
        self, app: ASGIApp, loop: asyncio.AbstractEventLoop, places: Connections | None, patience: ClientPatience
    ) -> None:
        self.app = app
        self.patience = patience
        self._places = places
        self.loop = loop
        self.now = loop.time
        self._connections: set[Guest] = set()
        self._unwatched: list[Guest] = []
        self._part = 1
        self._empty = asyncio.Event()
        self._is_closing = False

    def opened(self, connection: Guest) -> None:
        """There is one more, unless there may be no more."""
        if self._places and connection.client:
            connection.place = self._places.take_place(connection.client[0])
            if connection.place is None:
                connection.abort()
                return
        self._connections.add(connection)
        self._empty.clear()
        if self._is_closing:
            connection.stop()

    def closed(self, connection: Guest) -> None:
        """There is one less."""
        if connection.place:
            connection.place.leave()
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    async def watch(self) -> None:
        """Keep the time-outs until cancelled; a part of the connections at a time, so that nobody waits for all."""
        while True:
            await asyncio.sleep(self.patience.watch / PARTS)
            if not self._unwatched:
                self._unwatched = list(self._connections)
                self._part = len(self._unwatched) // PARTS + 1
            part, self._unwatched = self._unwatched[: self._part], self._unwatched[self._part :]
            now = self.now()
            for connection in part:
                if connection.deadline <= now:
                    connection.time_out()

    async def drain(self) -> None:
        """Let requests under way finish, for a while; then hang up on everybody."""
        self._is_closing = True
        for connection in list(self._connections):
            connection.stop()
        if self._connections:
            try:
                async with asyncio.timeout(self.patience.drain):
                    await self._empty.wait()
            except TimeoutError:
                for connection in list(self._connections):
                    connection.abort()
                await asyncio.sleep(0)
