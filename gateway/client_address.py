"""Where a request really comes from, when trusted proxies stand in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from gateway.request import Request

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

FORWARDED_FOR = b"x-forwarded-for"
_SITE_PREFIX = 64


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks and addresses, separated by commas; ``ValueError`` for anything else."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class ClientAddresses:
    """Believes X-Forwarded-For as far as ``trusted`` proxies have written it, and nobody else."""

    trusted: Sequence[Network] = ()

    def of(self, request: Request) -> str:
        """The address nearest to us that is none of our proxies; in doubt, the one at the other end of the line."""
        if not self.trusted:
            return request.peer
        nearest = request.peer
        hops = b",".join(request.values(FORWARDED_FOR)).decode("ascii", "replace").split(",")
        while hops and self._is_trusted(nearest) and (hop := _parsed(hops.pop().strip())):
            nearest = str(hop)
        return nearest

    def _is_trusted(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self.trusted)


def limit_key(address: str) -> str:
    """Whose allowance is used: the address, or for IPv6 the /64, of which one customer has 2^64 addresses."""
    parsed = _parsed(address)
    if not isinstance(parsed, IPv6Address):
        return address
    return str(ip_network((parsed, _SITE_PREFIX), strict=False))


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
