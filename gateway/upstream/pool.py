"""The connections to one service: bounded, kept for the next request, watched."""

import asyncio
import ssl
from collections import deque

from gateway.problems import ServiceUnavailable
from gateway.upstream.addresses import REST_SECONDS, Address, Addresses
from gateway.upstream.line import Line, NoAnswer

CONNECTIONS = 100
"""To all addresses of a service together."""

MOST_WAITING = 400
"""Requests that wait for a connection; more are turned away at once."""

WAIT_SECONDS = 2.0
CONNECT_SECONDS = 2.0

# Less than the five seconds after which the services hang up, so that no request meets a line that just went dead.
IDLE_SECONDS = 2.0

WATCH_SECONDS = 0.25
"""How exactly time-outs are kept."""


class Pool:
    """Lends lines. Whoever takes one gives it back, whatever happens."""

    def __init__(self, addresses: Addresses, port: int, tls: ssl.SSLContext | None, server_name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._addresses = addresses
        self._port = port
        self._tls = tls
        self._server_name = server_name if tls else None
        self._home: dict[Line, Address] = {}
        self._connecting = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._watching: asyncio.TimerHandle | None = None

    @property
    def size(self) -> int:
        """Connections, at work and idle."""
        return len(self._home) + self._connecting

    def take_rested(self) -> Line | None:
        """A connection at rest to the address with the least to do, if that can be had at once."""
        now = self._loop.time()
        address = self._addresses.least_loaded_known(now)
        return self._rested(address, now) if address else None

    async def take(self, *, fresh: bool = False) -> Line:
        """A connection at rest, unless a ``fresh`` one is wanted, or a new one.

        ``NoAnswer`` when none can be made, ``ServiceUnavailable`` when none gets free in time.
        """
        loop = self._loop
        until = loop.time() + WAIT_SECONDS
        while True:
            now = loop.time()
            try:
                address = await self._addresses.least_loaded(now)
            except OSError as error:
                raise NoAnswer from error
            if not fresh and (line := self._rested(address, now)):
                return line
            if self.size < CONNECTIONS or self._close_an_idle_one():
                return await self._connected(address, loop)
            await self._until_one_is_free(until)

    def give_back(self, line: Line) -> None:
        """Keep it for the next request if that is possible; else it is closed."""
        line.busy = False
        address = self._home[line]
        address.at_work -= 1
        if line.is_reusable:
            line.idle_since = self._loop.time()
            address.idle.append(line)
        else:
            del self._home[line]
            line.close()
        self._wake_one()

    def close(self) -> None:
        """Close all connections."""
        self._addresses.close()
        if self._watching:
            self._watching.cancel()
        for line in list(self._home):
            line.close()

    def _rested(self, address: Address, now: float) -> Line | None:
        while address.idle:
            line = address.idle.pop()
            if line.is_open and now - line.idle_since < IDLE_SECONDS:
                address.at_work += 1
                line.busy = True
                return line
            self._home.pop(line, None)
            line.close()
        return None

    async def _connected(self, first: Address, loop: asyncio.AbstractEventLoop) -> Line:
        """A new line to ``first``, or to another address if that one cannot be reached."""
        candidates = [first, *(address for address in self._addresses.known if address is not first)]
        for address in candidates:
            address.at_work += 1
            self._connecting += 1
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    _, line = await loop.create_connection(
                        lambda: Line(loop, self._lost),
                        address.host,
                        self._port,
                        ssl=self._tls,
                        server_hostname=self._server_name,
                    )
            except (OSError, TimeoutError):
                address.at_work -= 1
                address.rests_until = loop.time() + REST_SECONDS
            except BaseException:
                address.at_work -= 1
                self._wake_one()
                raise
            else:
                line.busy = True
                self._home[line] = address
                self._watch(loop)
                return line
            finally:
                self._connecting -= 1
        self._wake_one()
        raise NoAnswer

    def _lost(self, line: Line) -> None:
        address = self._home.get(line)
        if address is not None and not line.busy:
            del self._home[line]
            if line in address.idle:
                address.idle.remove(line)
            self._wake_one()

    def _close_an_idle_one(self) -> bool:
        """Make room for a connection to where it is needed."""
        for address in self._addresses.known:
            if address.idle:
                line = address.idle.pop(0)
                self._home.pop(line, None)
                line.close()
                return True
        return False

    async def _until_one_is_free(self, until: float) -> None:
        if len(self._waiting) >= MOST_WAITING:
            raise ServiceUnavailable
        turn = self._loop.create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout_at(until):
                await turn
        except TimeoutError as error:
            raise ServiceUnavailable from error
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.cancelled():
                self._wake_one()  # it was ours, and we are gone

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._watching is None:
            self._watching = loop.call_later(WATCH_SECONDS, self._look_round, loop)

    def _look_round(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what takes too long, and close what was not used for long."""
        now = loop.time()
        for line, address in list(self._home.items()):
            if line.busy:
                if now >= line.silent_until or now >= line.ends_at:
                    line.time_out()
            elif now - line.idle_since >= IDLE_SECONDS and line in address.idle:
                address.idle.remove(line)
                del self._home[line]
                line.close()
        self._watching = None
        if self._home:
            self._watch(loop)
