"""Examines a message broker: whether it is there, speaks AMQP 0-9-1, and lets us in."""

import asyncio
import ssl
from urllib.parse import parse_qsl, urlsplit

from cli.doctor.finding import Ailment, Finding, examine
from shared.messaging.rabbitmq.connection import BrokerUnavailable, Connection

NAME = "broker"

_PORTS = {"amqp": 5672, "amqps": 5671}
_HELLO = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"  # the server's Connection.Start (AMQP 0-9-1, section 4.2.2)


async def examine_broker(url: str) -> Finding:
    """Greet the broker and wait for its greeting; nobody signs in."""
    return await examine(NAME, "connection", _greet(url))


async def examine_account(url: str) -> Finding:
    """Sign in to a broker that greets, at the virtual host that is named."""
    return await examine(NAME, "account", _sign_in(url))


async def _sign_in(url: str) -> str:
    connection = Connection(url, "sparknode doctor")
    try:
        await (await connection.channel()).close()
    except BrokerUnavailable as error:
        raise Ailment(
            "It does not let us in. Mend the account or the virtual host in AMQP_URL, or make them at RabbitMQ "
            f"(rabbitmqctl add_vhost, add_user, set_permissions). {error}"
        ) from error
    finally:
        await connection.close()
    return "it lets us in"


async def _greet(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Ailment("AMQP_URL is no address of a broker. Write it as amqp://user:password@host:5672/vhost.")
    address = f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"
    try:
        tls = _tls(parts.query) if parts.scheme == "amqps" else None
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


def _tls(query: str) -> ssl.SSLContext:
    """Verifies as the services do: by what the address says of authorities, and of a certificate of our own."""
    said = dict(parse_qsl(query))
    context = ssl.create_default_context(
        cafile=said.get("cafile"), capath=said.get("capath"), cadata=said.get("cadata")
    )
    if "certfile" in said:
        context.load_cert_chain(said["certfile"], said.get("keyfile"))
    if said.get("no_verify_ssl", "0") != "0":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
