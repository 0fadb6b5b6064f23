"""Where a service is: all addresses that its name has just now, and how much each has to do."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import structlog

from gateway.upstream.line import Line

FRESH_SECONDS = 10.0
"""For so long an answer of the DNS holds; then it is asked again, beside the requests."""

REST_SECONDS = 1.0
"""For so long an address that could not be reached is the last choice."""

Resolve = Callable[[str, int], Awaitable[list[str]]]

log = structlog.get_logger(__name__)


class Address:
    """One replica: its connections at rest, and how many are at work or being made."""

    __slots__ = ("at_work", "host", "idle", "rests_until")

    def __init__(self, host: str) -> None:
        self.host = host
        self.idle: list[Line] = []
        self.at_work = 0
        self.rests_until = 0.0


class Addresses:
    """All addresses of one name. Once there are some, there always are: an outage of the DNS takes none away."""

    def __init__(self, host: str, port: int, resolve: Resolve | None = None) -> None:
        self._host = host
        self._port = port
        self._resolve = resolve or resolved
        self._known: dict[str, Address] = {}
        self._is_literal = _is_literal(host)
        self._fresh_until = 0.0
        self._looking: asyncio.Task[None] | None = None

    @property
    def known(self) -> list[Address]:
        """Those of the last answer."""
        return list(self._known.values())

    async def look_up_once(self, now: float) -> None:
        """See to it that there is an address. ``OSError`` if there is none."""
        if not self._known:
            await self._look_up(now)

    @property
    def are_known(self) -> bool:
        """Whether the name was ever looked up."""
        return bool(self._known)

    def least_loaded(self, now: float) -> Address:
        """The address with the least to do, those that were just found dead last; the name was looked up before."""
        if now >= self._fresh_until and self._looking is None and not self._is_literal:
            self._looking = asyncio.ensure_future(self._renew(now))
        if len(self._known) == 1:
            return next(iter(self._known.values()))
        return min(self._known.values(), key=lambda address: (address.rests_until > now, address.at_work))

    def close(self) -> None:
        """Ask no more."""
        if self._looking:
            self._looking.cancel()

    async def _renew(self, now: float) -> None:
        try:
            await self._look_up(now)
        except OSError as error:
            self._fresh_until = now + FRESH_SECONDS
            log.warning("name not resolved", host=self._host, reason=str(error))
        finally:
            self._looking = None

    async def _look_up(self, now: float) -> None:
        hosts = [self._host] if self._is_literal else await self._resolve(self._host, self._port)
        if not hosts:
            raise OSError(f"{self._host} has no address")
        gone = [address for host, address in self._known.items() if host not in hosts]
        self._known = {host: self._known.get(host) or Address(host) for host in hosts}
        self._fresh_until = now + FRESH_SECONDS
        for address in gone:
            for line in address.idle.copy():
                line.close()


async def resolved(host: str, port: int) -> list[str]:
    """What the system's resolver says, each address once."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
