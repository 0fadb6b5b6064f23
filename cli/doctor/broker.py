"""Examines a message broker: whether it is there and speaks AMQP 0-9-1."""

import asyncio
import ssl
from urllib.parse import urlsplit

from cli.doctor.finding import Ailment, Finding, examine

NAME = "broker"

_PORTS = {"amqp": 5672, "amqps": 5671}
_HELLO = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"  # the server's Connection.Start (AMQP 0-9-1, section 4.2.2)


async def examine_broker(url: str) -> Finding:
    """Greet the broker and wait for its greeting; nobody signs in."""
    return await examine(NAME, "connection", _greet(url))


async def _greet(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Ailment("AMQP_URL is no address of a broker. Write it as amqp://user:password@host:5672/vhost.")
    address = f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"
    tls = ssl.create_default_context() if parts.scheme == "amqps" else None
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or _PORTS[parts.scheme], ssl=tls)
    except OSError as error:
        raise Ailment(f"{address} cannot be reached: {error}. Start RabbitMQ, or mend AMQP_URL.") from error
    try:
        writer.write(_HELLO)
        greeting = await reader.read(1)
    finally:
        writer.close()
    if greeting != _METHOD_FRAME:
        raise Ailment(f"What answers at {address} does not speak AMQP 0-9-1. Give AMQP_URL RabbitMQ's AMQP port.")
    return f"{address} speaks AMQP 0-9-1"
