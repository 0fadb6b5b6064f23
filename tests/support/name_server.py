"""A name server on loopback that says what a test wants, and counts who asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL = 60
LONGEST_STRING = 255
LONGEST_DATAGRAM = 512


@dataclass
class NameServer:
    """Answers from ``texts``; what is not there does not exist. ``silent`` says nothing, ``failing`` SERVFAIL.

    What is too long for a datagram it says over TCP (RFC 1035, section 4.2).
    """

    texts: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    silent: bool = False
    failing: bool = False
    address: tuple[str, int] = ("", 0)

    def answer(self, question: bytes) -> bytes | None:
        """The reply to a question, whole."""
        query = dns.message.from_wire(question)
        name = query.question[0].name.to_text(omit_final_dot=True)
        self.asked.append(name)
        if self.silent:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if self.failing:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif texts := self.texts.get(name):
            reply.answer.append(dns.rrset.from_text(f"{name}.", TTL, "IN", "TXT", *map(_quoted, texts)))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


def _quoted(text: str) -> str:
    """In master file format (RFC 1035, section 5.1), in strings of up to 255 octets."""
    parts = [text[start : start + LONGEST_STRING] for start in range(0, len(text), LONGEST_STRING)]
    return " ".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts)


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override] # as documented
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.answer(data)
        if reply and self._transport:
            self._transport.sendto(reply if len(reply) <= LONGEST_DATAGRAM else _truncated(data), addr)


def _truncated(question: bytes) -> bytes:
    reply = dns.message.make_response(dns.message.from_wire(question))
    reply.flags |= dns.flags.TC
    return reply.to_wire()


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    """A server while the block lasts."""
    server = NameServer()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
        reply = server.answer(question) or b""
        writer.write(len(reply).to_bytes(2) + reply)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as streams:
        server.address = streams.sockets[0].getsockname()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Socket(server), local_addr=server.address)
        try:
            yield server
        finally:
            transport.close()
