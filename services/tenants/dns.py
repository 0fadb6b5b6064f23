"""Asking the DNS what the owner of a domain says."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver

from services.tenants.errors import DnsUnavailable

ANSWER_SECONDS = 5.0
"""For all name servers together; a person waits for it."""

ASKED_AT_ONCE = 20
"""Who comes while so many wait is sent away: servers that never answer shall not fill us with those who wait."""

RETRY_AFTER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TxtRecords:
    """Looks TXT records up, with nothing cached by us: who has just published one wants it to be seen."""

    resolver: dns.asyncresolver.Resolver
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ASKED_AT_ONCE))

    @classmethod
    def at(cls, servers: Sequence[tuple[str, int]]) -> "TxtRecords":
        """Asks ``servers``, given by address and port; the machine's own when there are none."""
        try:
            resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:  # then every question goes without an answer
            resolver = dns.asyncresolver.Resolver(configure=False)
        if servers:
            resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in servers]
        resolver.lifetime = ANSWER_SECONDS
        resolver.cache = None
        return cls(resolver)

    async def __call__(self, name: str) -> tuple[str, ...]:
        """The texts at ``name``, each with its character strings joined (RFC 7208, section 3.3, as everybody does).

        None when the DNS says that there are none; ``DnsUnavailable`` when it says nothing, or too many are asking.
        """
        if self._slots.locked():
            raise DnsUnavailable(retry_after=RETRY_AFTER_SECONDS)
        try:
            async with self._slots:
                answer = await self.resolver.resolve(f"{name}.", "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise DnsUnavailable(retry_after=RETRY_AFTER_SECONDS) from error
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer)
