"""Asking the DNS what the owner of a domain says."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.message
import dns.nameserver
import dns.query
import dns.resolver

from services.tenants.errors import DnsUnavailable

ANSWER_SECONDS = 5.0
"""For all name servers together; a person waits for it."""

ASKED_AT_ONCE = 20
"""Who comes while so many wait is sent away: servers that never answer shall not fill us with those who wait."""

LONGEST_ANSWER = 4096
"""Octets over TCP: dozens of records. One of 64 KiB, full of small ones, would take half a second to read, in which we
do nothing for anybody else."""

RETRY_AFTER_SECONDS = 5.0


class _NameServer(dns.nameserver.Do53Nameserver):
    """The library's, but that an answer over TCP that is too long is not read; a datagram is none."""

    async def async_query(self, request: dns.message.QueryMessage, *_: Any, **how: Any) -> dns.message.Message:
        if not how["max_size"]:
            return await super().async_query(request, **how)
        async with asyncio.timeout(how["timeout"]):
            answer = dns.message.from_wire(await self._answer_to(request.to_wire(prepend_length=True)))
        if not request.is_response(answer):
            raise dns.query.BadResponse
        return answer

    async def _answer_to(self, question: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self.address, self.port)
        with closing(writer):
            writer.write(question)
            length = int.from_bytes(await reader.readexactly(2))
            if length > LONGEST_ANSWER:
                raise OSError("The answer is longer than is read here.")  # so that it is not asked for again
            return await reader.readexactly(length)


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
        asked = servers or [(str(address), resolver.port) for address in resolver.nameservers]
        resolver.nameservers = [_NameServer(host, port) for host, port in asked]
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
