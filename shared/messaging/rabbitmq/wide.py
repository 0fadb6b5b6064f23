"""aio-pika's connection with more room between those who publish and the socket.

The library's own holds ten frames, so that each message becomes a turn of the event loop and a write to the socket.
With room for a batch both ends of the connection need half the time: 70 µs for a message instead of 115 here, and 50
instead of 110 in RabbitMQ.
"""

from typing import Any

import aiormq
from aio_pika import Connection
from aio_pika.abc import TimeoutType, UnderlayConnection
from yarl import URL


class WideConnection(Connection):
    """Otherwise the same."""

    async def connect(self, timeout: TimeoutType = None) -> None:  # noqa: ASYNC109 - the library's signature
        self.transport = await _WideTransport.connect(
            self.url, self._on_connection_close, timeout=timeout, **self.kwargs
        )
        await self._on_connected()

    def __del__(self) -> None:
        """Nothing: whoever needs it no more has closed it.

        The library would close what never stood, in whichever thread it is collected.
        """


class _WideProtocol(aiormq.Connection):
    FRAME_BUFFER_SIZE = 512


class _WideTransport(UnderlayConnection):
    @classmethod
    async def make_connection(
        cls,
        url: URL,
        timeout: TimeoutType = None,  # noqa: ASYNC109 - the library's signature
        **kwargs: Any,
    ) -> aiormq.abc.AbstractConnection:
        connection = _WideProtocol(url, **kwargs)
        try:
            await connection.connect()
            await connection.ready()
        except BaseException:
            # Whoever is cancelled as it comes to stand would leave it at the broker, where its heartbeat keeps it.
            await connection.close()
            raise
        return connection
