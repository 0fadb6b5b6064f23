"""One connection of a client: reads requests, has them answered one after the other, and lets nobody dawdle."""

import asyncio
import socket
import struct
from collections import deque
from typing import Any, cast

from gateway.limits.connections import Place
from gateway.request import BODY_AT_HAND
from gateway.server.door import Door
from gateway.server.exchange import Exchange
from gateway.server.head import Head
from gateway.server.incoming import IncomingRequests
from gateway.server.refusals import HeadTooSlow
from gateway.server.scope import refusal_scope, request_scope
from shared.errors import Problem

NEVER = float("inf")
_AT_ONCE = struct.pack("ii", True, 0)


class ClientConnection(IncomingRequests, asyncio.Protocol):
    """A protocol for the loop's server. ``deadline`` (the loop's time) is watched by the door."""

    __slots__ = (
        "_current", "_door", "_drained", "_is_reading", "_patience", "_reading", "_resting", "_task", "_transport",
        "_waiting", "client", "deadline", "is_clogged", "is_closing", "is_gone", "place", "server",
    )  # fmt: skip

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self._patience = door.patience
        self._current: Exchange | None = None
        """The one that is being answered."""
        self._reading: Exchange | None = None
        """The one whose body is being read."""
        self._waiting: deque[tuple[Exchange, dict[str, Any]]] | None = None
        """What a client sent without waiting for the answers before."""
        self._resting: asyncio.TimerHandle | None = None
        """Nothing is answered until then."""
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._is_reading = True
        self.is_clogged = self.is_closing = self.is_gone = False
        self.deadline = NEVER
        self.client: tuple[str, int] | None = None
        self.server: tuple[str, int] | None = None
        self.place: Place | None = None

    # What the loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self.client = (str(peer[0]), int(peer[1])) if isinstance(peer, tuple) else None
        self.server = (str(own[0]), int(own[1])) if isinstance(own, tuple) else None
        self.deadline = self._door.now() + self._patience.head
        self._door.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_gone = True
        self.forget_parser()
        self.deadline = NEVER
        self._door.closed(self)
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._waiting = None
        if self._resting:
            self._resting.cancel()
        if self._current:
            self._current.wake()
        if self._task:
            self._task.cancel()

    def pause_writing(self) -> None:
        self.is_clogged = True
        self.deadline = self._door.now() + self._patience.stall

    def resume_writing(self) -> None:
        self.is_clogged = False
        self.deadline = NEVER if self._current else self._door.now() + self._patience.idle
        if self._drained and not self._drained.done():
            self._drained.set_result(None)

    # What was found in what the client sent.

    def begun(self) -> None:
        """The client has so long for the head."""
        if self._is_free:
            self.deadline = self._door.now() + self._patience.head

    def asked(self, head: Head) -> None:
        """Answer it, in its turn; its body may follow."""
        exchange, scope = Exchange(self, head), request_scope(head, self)
        scope["state"][BODY_AT_HAND] = exchange.at_hand
        self._reading = exchange
        self._take_up(exchange, scope)

    def sent(self, body: bytes) -> None:
        """Keep it for whoever answers."""
        if self._reading and not self._reading.take(body):
            self._pause_reading()

    def on_message_complete(self) -> None:
        if self._reading:
            self._reading.body_complete = True
            self._reading.wake()
            self._reading = None

    # One after the other.

    @property
    def _is_free(self) -> bool:
        return self._current is None and self._resting is None

    def _take_up(self, exchange: Exchange, scope: dict[str, Any]) -> None:
        if self._is_free:
            self._answer(exchange, scope)
        else:
            if self._waiting is None:
                self._waiting = deque()
            self._waiting.append((exchange, scope))
            self._pause_reading()

    def _answer(self, exchange: Exchange, scope: dict[str, Any]) -> None:
        self._current = exchange
        self.deadline = NEVER
        self._task = self._door.loop.create_task(self._run(exchange, scope))

    async def _run(self, exchange: Exchange, scope: dict[str, Any]) -> None:
        try:
            await self._door.app(scope, exchange.receive, exchange.send)
        finally:
            self._task = None
            self._finished(exchange)

    def _finished(self, exchange: Exchange) -> None:
        self._current = None
        if self.is_gone:
            return
        if not exchange.answer.is_complete:
            self._transport.abort()  # an answer that breaks off must look like one
        elif not exchange.answer.keep_alive or self.is_closing:
            self._leave(at_once=exchange.body_complete and not self.is_deaf)
        elif exchange.rest_seconds:
            self._pause_reading()  # what comes is the kernel's to keep
            self._resting = self._door.loop.call_later(exchange.rest_seconds, self._go_on)
        else:
            self._go_on()

    def _go_on(self) -> None:
        self._resting = None
        if self._waiting:
            self._answer(*self._waiting.popleft())
            self.resume_reading()  # its body may not have come yet
        else:
            self.deadline = self._door.now() + self._patience.idle
            self.resume_reading()

    def refuse(self, problem: Problem) -> None:
        """Answer what cannot be read on, in its turn, and read no more."""
        self.is_deaf = True
        if self._reading:
            self._reading.flaw = problem
            self._reading.keep_alive = False
            self._reading.wake()
            self._reading = None
            return
        self._take_up(Exchange(self, None), refusal_scope(problem, self))

    @property
    def has_room(self) -> bool:
        """Whether nothing waits for its turn, or to be taken."""
        return self._is_reading

    # For exchanges, and for the door.

    def write(self, octets: bytes) -> None:
        """Send this."""
        if not self.is_gone:
            self._transport.write(octets)

    def withdraw(self) -> None:
        """When the connection ends, nothing goes out any more of some megabytes that the kernel still has for it."""
        if not self.is_gone:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)

    async def until_drained(self) -> None:
        """Wait while the client takes nothing."""
        if self.is_clogged and not self.is_gone:
            self._drained = self._door.loop.create_future()
            await self._drained

    def resume_reading(self) -> None:
        """Read on, if nothing is waiting."""
        if not self._is_reading and not self._waiting and not self.is_gone:
            self._is_reading = True
            self.read_on()
            if self._is_reading:
                self._transport.resume_reading()

    def _pause_reading(self) -> None:
        if self._is_reading and not self.is_gone:
            self._is_reading = False
            self._transport.pause_reading()

    def stop(self) -> None:
        """Answer what is being answered, and hang up."""
        self.is_closing = True
        if self._current is None:
            self._transport.close()

    def abort(self) -> None:
        """Hang up now."""
        self._transport.abort()

    def time_out(self) -> None:
        """``deadline`` has come."""
        self.deadline = NEVER
        if self.is_clogged or self.is_deaf or self._transport.is_closing():
            self._transport.abort()
        elif self.is_in_head and self._current is None:
            self.refuse(HeadTooSlow())
        elif self._current is None:
            self._transport.close()

    def _leave(self, *, at_once: bool) -> None:
        self._waiting = None
        if at_once:
            self._transport.close()  # once the client has taken all; if it takes nothing, the deadline ends it
            self.deadline = self._door.now() + self._patience.stall
            return
        self.is_deaf = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self.resume_reading()
        self.deadline = self._door.now() + self._patience.linger
