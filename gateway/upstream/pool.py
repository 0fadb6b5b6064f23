"""The connections to one service: bounded, kept for the next request, watched."""

import asyncio
import ssl

from gateway.upstream.addresses import REST_SECONDS, Address, Addresses
from gateway.upstream.failures import NoAnswer
from gateway.upstream.line import Line
from gateway.upstream.turns import Turns

CONNECTIONS = 100
"""To all addresses of a service together."""

MOST_CONNECTING = 16
"""Connections that are made at once: by the time they are there, those at work may have become free."""

CONNECT_SECONDS = 2.0

# Less than the five seconds after which the services hang up, so that no request meets a line that just went dead.
IDLE_SECONDS = 2.0

WATCH_SECONDS = 0.25
"""How exactly time-outs are kept."""


class Pool:
    """Lends lines, to whoever came first. Whoever takes one gives it back, whatever happens.

    Who waits gets the first line that is free, whether it was just made or just given back.
    """

    def __init__(
        self,
        addresses: Addresses,
        port: int,
        tls: ssl.SSLContext | None,
        server_name: str,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._connect_seconds = connect_seconds
        self._loop = asyncio.get_running_loop()
        self._addresses = addresses
        self._port = port
        self._tls = tls
        self._server_name = server_name if tls else None
        self._home: dict[Line, Address] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self._turns = Turns(self._loop)
        self._watching: asyncio.TimerHandle | None = None

    @property
    def size(self) -> int:
        """Connections, at work and idle and being made."""
        return len(self._home) + len(self._connecting)

    def take_rested(self) -> Line | None:
        """A connection at rest to the address with the least to do, if that can be had at once."""
        if self._turns or not self._addresses.are_known:
            return None
        now = self._loop.time()
        return self._rested(self._addresses.least_loaded(now), now)

    async def take(self) -> Line:
        """A connection at rest, or a new one, whichever can be had first.

        ``NoAnswer`` when none can be made, ``ServiceUnavailable`` when none gets free in time.
        """
        await self._know_an_address()
        if line := self.take_rested():
            return line
        turn = self._turns.join()
        self._watch()
        self._connect_for_those_who_wait()
        try:
            return await turn.line
        except asyncio.CancelledError:
            if line := self._turns.leave(turn):
                self.give_back(line)
            raise

    async def take_new(self) -> Line:
        """A connection that nobody has used, if there is room for one more."""
        await self._know_an_address()
        if self.size < CONNECTIONS or self._close_an_idle_one():
            return await self._connected(self._chosen())
        return await self.take()

    def give_back(self, line: Line) -> None:
        """Keep it for the next request if that is possible; else it is closed."""
        address = self._home[line]
        if line.is_reusable:
            self._pass_on(line, address)
            return
        line.busy = False
        address.at_work -= 1
        del self._home[line]
        line.close()
        self._connect_for_those_who_wait()

    def close(self) -> None:
        """Close all connections."""
        self._addresses.close()
        if self._watching:
            self._watching.cancel()
        for connecting in self._connecting:
            connecting.cancel()
        for line in list(self._home):
            line.close()

    async def _know_an_address(self) -> None:
        try:
            await self._addresses.look_up_once(self._loop.time())
        except OSError as error:
            raise NoAnswer from error

    def _pass_on(self, line: Line, address: Address) -> None:
        """To whoever waits longest, or to rest."""
        if turn := self._turns.take_first():
            turn.line.set_result(line)
            return
        line.busy = False
        line.idle_since = self._loop.time()
        address.at_work -= 1
        address.idle.append(line)

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

    def _connect_for_those_who_wait(self) -> None:
        while len(self._connecting) < min(len(self._turns), MOST_CONNECTING):
            if self.size >= CONNECTIONS and not self._close_an_idle_one():
                return
            connecting = self._loop.create_task(self._connect_for_one(self._chosen()))
            self._connecting.add(connecting)
            connecting.add_done_callback(self._has_connected)

    def _has_connected(self, connecting: "asyncio.Task[None]") -> None:
        self._connecting.discard(connecting)
        if not connecting.cancelled():
            self._connect_for_those_who_wait()

    def _chosen(self) -> Address:
        """Where the next connection goes; from now on it is counted as at work."""
        address = self._addresses.least_loaded(self._loop.time())
        address.at_work += 1
        return address

    async def _connect_for_one(self, address: Address) -> None:
        try:
            line = await self._connected(address)
        except NoAnswer as error:
            turn = self._turns.take_first()
            if turn:
                turn.line.set_exception(error)
        else:
            self._pass_on(line, self._home[line])

    async def _connected(self, first: Address) -> Line:
        """A new line to ``first``, which is counted already, or to another address if that one cannot be reached."""
        others = [address for address in self._addresses.known if address is not first]
        for address in (first, *others):
            if address is not first:
                address.at_work += 1
            try:
                async with asyncio.timeout(self._connect_seconds):
                    _, line = await self._loop.create_connection(
                        lambda: Line(self._loop, self._lost),
                        address.host,
                        self._port,
                        ssl=self._tls,
                        server_hostname=self._server_name,
                    )
            except (OSError, TimeoutError):
                address.at_work -= 1
                address.rests_until = self._loop.time() + REST_SECONDS
            except BaseException:
                address.at_work -= 1
                raise
            else:
                line.busy = True
                self._home[line] = address
                self._watch()
                return line
        raise NoAnswer

    def _lost(self, line: Line) -> None:
        address = self._home.get(line)
        if address is not None and not line.busy:
            del self._home[line]
            if line in address.idle:
                address.idle.remove(line)

    def _close_an_idle_one(self) -> bool:
        """Make room for a connection to where it is needed."""
        for address in self._addresses.known:
            if address.idle:
                line = address.idle.pop(0)
                self._home.pop(line, None)
                line.close()
                return True
        return False

    def _watch(self) -> None:
        if self._watching is None:
            self._watching = self._loop.call_later(WATCH_SECONDS, self._look_round)

    def _look_round(self) -> None:
        """End what takes too long, and close what was not used for long."""
        now = self._loop.time()
        self._turns.forget_late(now)
        for line, address in list(self._home.items()):
            if line.busy:
                if now >= line.silent_until or now >= line.ends_at:
                    line.break_off()
            elif now - line.idle_since >= IDLE_SECONDS and line in address.idle:
                address.idle.remove(line)
                del self._home[line]
                line.close()
        self._watching = None
        if self._home or self._turns:
            self._watch()
