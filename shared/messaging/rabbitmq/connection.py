"""A connection to the broker that is made when it is needed, and made again when it was lost."""

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection

from shared.errors import Unavailable
from shared.messaging.metrics import BROKER_CONNECTED
from shared.messaging.rabbitmq.wide import WideConnection
from shared.messaging.reasons import reason_of

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class BrokerUnavailable(Unavailable):
    """The broker cannot be reached, or does not let us in."""

    code = "broker_unavailable"
    detail = "The message broker cannot be reached."


class Connection:
    """Whoever needs a channel asks for one, and asks again when it is gone; pausing in between is up to them.

    ``name`` is what the broker's operator sees. Publishers and listeners have a connection each: the broker stops
    reading from a connection that publishes while it is short of memory or disk, acknowledgements included.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._heartbeat = None if "heartbeat" in parse_qs(urlsplit(url).query) else HEARTBEAT_SECONDS
        self._connection: AbstractConnection | None = None
        self._connecting = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether it stands, as far as is known: a peer that has fallen silent is noticed within half a minute."""
        return self._connection is not None and self._connection.connected.is_set()

    async def channel(self, *, on_return_raises: bool = False) -> AbstractChannel:
        """A new channel with publisher confirms; ``BrokerUnavailable`` says why there is none.

        ``on_return_raises``: publishing what no queue wants raises ``PublishError``.
        """
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                connection = await self._open()
                channel = connection.channel(on_return_raises=on_return_raises)
                await channel.initialize()
        except Exception as error:
            await self._drop()
            raise BrokerUnavailable(f"{self._name}: {reason_of(error)}") from error
        return channel

    async def takes_messages(self) -> None:
        """Return when the broker reads what we publish: it does not while it is short of memory or disk."""
        if self._connection and self._connection.transport:
            await self._connection.transport.connection.ready()

    async def close(self) -> None:
        """Say good-bye to the broker. Asking for a channel later connects again; until then nobody misses it."""
        await self._drop()
        with suppress(KeyError):  # it was never open
            BROKER_CONNECTED.remove(self._name)

    async def _open(self) -> AbstractConnection:
        async with self._connecting:
            if self._connection is None or not self.is_open:
                await self._drop()
                self._connection = await aio_pika.connect(
                    self._url,
                    client_properties={"connection_name": self._name},
                    connection_class=WideConnection,
                    heartbeat=self._heartbeat,
                )
                self._connection.close_callbacks.add(self._on_close)
                BROKER_CONNECTED.labels(self._name).set(1)
                log.info("broker connected", connection=self._name)
            return self._connection

    def _on_close(self, _: object, error: BaseException | None) -> None:
        BROKER_CONNECTED.labels(self._name).set(0)
        log.info("broker disconnected", connection=self._name, reason=reason_of(error) if error else "closed")

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            with suppress(Exception):  # it may be broken in any way; it is not needed any more
                async with asyncio.timeout(CLOSE_SECONDS):
                    await connection.close()
