"""Where a request really comes from, when trusted proxies stand in between."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from gateway.request import Request

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_SITE_PREFIX = 64
_CHAINS_AT_HAND = 4096
_LONGEST_AT_HAND = 256
"""Octets of a chain that is remembered as read, so that nobody fills the memory with long ones."""

_LONGEST_FORWARDED = 2048
"""Octets of a chain in the standard header, which can only be read from its start: what proxies write has hundreds."""

# RFC 7239, section 4: parameters of one hop, whose values are tokens or quoted strings without escapes, since no
# address needs any.
_PARAMETER = re.compile(r'\s*([A-Za-z-]+)=(?:([^\s",;=]+)|"([^"\\]*)")\s*')

# Section 6: an address, in brackets if it is one of IPv6, and perhaps a port.
_NODE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::\d{1,5})?")


class ProxyHeader(StrEnum):
    """Where the proxies write. The other header is a client's word, since proxies pass on what they do not know."""

    X_FORWARDED_FOR = "x-forwarded-for"
    FORWARDED = "forwarded"


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks and addresses, separated by commas; ``ValueError`` for anything else."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


class ClientAddresses:
    """Believes the proxies' header as far as ``trusted`` proxies have written it, and nobody else."""

    def __init__(self, trusted: Sequence[Network] = (), header: ProxyHeader = ProxyHeader.X_FORWARDED_FOR) -> None:
        self._trusted = trusted
        self._header = header.encode()
        self._hops = _forwarded_hops if header is ProxyHeader.FORWARDED else _listed_hops
        self._nearest = lru_cache(_CHAINS_AT_HAND)(self._find_nearest)

    def of(self, request: Request) -> str:
        """The address nearest to us that is none of our proxies; in doubt, the one at the other end of the line."""
        if not self._trusted:
            return request.peer
        written = b",".join(request.values(self._header))
        find = self._find_nearest if len(written) > _LONGEST_AT_HAND else self._nearest
        return find(request.peer, written)

    def is_proxy(self, client: tuple[str, int] | None) -> bool:
        """Whether one of our proxies is at the other end of the line, and so clients by the dozen."""
        return client is not None and is_within(client[0], self._trusted)

    def _find_nearest(self, peer: str, written: bytes) -> str:
        nearest = peer
        for text in self._hops(written.decode("ascii", "replace")):
            if not is_within(nearest, self._trusted) or not (hop := _parsed(text)):
                break
            nearest = str(hop)
        return nearest


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Whether the address belongs to one of ``networks``; what is no address belongs to none."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def limit_key(address: str) -> str:
    """Whose allowance is used: the address, or for IPv6 the /64, of which one customer has 2^64 addresses."""
    parsed = _parsed(address)
    if not isinstance(parsed, IPv6Address):
        return address
    return str(ip_network((parsed, _SITE_PREFIX), strict=False))


def _listed_hops(written: str) -> Iterator[str]:
    """Addresses, to which some proxies add the port of the connection, as in ``Forwarded``; the last one first.

    One at a time: a client may have written thousands before, which cost nothing unless somebody looks at them.
    """
    comma = ","
    while comma:
        written, comma, last = written.rpartition(",")
        hop = last.strip()
        yield found[1] or found[2] if (found := _NODE.fullmatch(hop)) else hop


def _forwarded_hops(written: str) -> Iterable[str]:
    """What stands under ``for`` at each hop, the last one first.

    A text that is no address where a hop hides; nothing when they cannot be read, or are more than proxies write.
    """
    hops, place = [""], 0
    if len(written) > _LONGEST_FORWARDED:
        return ()
    while found := _PARAMETER.match(written, place):
        if found[1].lower() == "for":
            hops[-1] = "twice" if hops[-1] else _node(found[2] or found[3] or "")
        place = found.end()
        if written[place : place + 1] == ",":
            hops.append("")
        elif written[place : place + 1] != ";":
            break
        place += 1
    return reversed(hops) if place >= len(written) else ()


def _node(text: str) -> str:
    found = _NODE.fullmatch(text)
    return found[1] or found[2] if found else "hidden"


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
