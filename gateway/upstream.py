"""Connections to one service: a bounded pool, and one exchange at a time on each."""

import ssl
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import httpx

from gateway.problems import ServiceUnavailable
from gateway.request import Headers

CONNECTIONS = 100
CONNECT_SECONDS = 2.0
STALL_SECONDS = 30.0
"""The longest silence in the middle of an exchange."""

WAIT_FOR_CONNECTION_SECONDS = 2.0

# Less than the five seconds after which the services hang up, so that no request meets a line that just went dead.
IDLE_SECONDS = 2.0

_TIMEOUTS = {
    "connect": CONNECT_SECONDS,
    "read": STALL_SECONDS,
    "write": STALL_SECONDS,
    "pool": WAIT_FOR_CONNECTION_SECONDS,
}


class AnswerCutShort(Exception):
    """The service fell silent or hung up in the middle of its answer; the client's must break off, too."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A service's answer, as far as it is there; ``chunks`` are read off the line as they are asked for."""

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes]


class Upstream:
    """One service. Nothing here knows of routes or callers: bytes go out and come back as they are."""

    def __init__(self, base_url: str, tls: ssl.SSLContext) -> None:
        self._url = httpx.URL(base_url)
        # The transport, not the client: no cookie jar, no redirects, no headers of its own making.
        self._transport = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(
                max_connections=CONNECTIONS,
                max_keepalive_connections=CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
            ),
            verify=tls,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    @asynccontextmanager
    async def ask(
        self, method: str, target: bytes, headers: Headers, body: AsyncIterable[bytes] | bytes | None
    ) -> AsyncIterator[Reply]:
        """Send a request and have its answer until the end of the block, which frees the connection.

        ``ServiceUnavailable`` when no answer begins; ``AnswerCutShort``, out of ``chunks``, when it does not end.
        """
        request = httpx.Request(
            method,
            self._url,
            headers=list(headers),
            content=body,
            extensions={"target": target, "timeout": _TIMEOUTS},
        )
        response = await self._open(request, may_repeat=method in ("GET", "HEAD") and body is None)
        try:
            named = [(name.lower(), value) for name, value in response.headers.raw]
            yield Reply(response.status_code, named, _chunks(response))
        finally:
            await response.aclose()

    async def _open(self, request: httpx.Request, *, may_repeat: bool) -> httpx.Response:
        try:
            return await self._transport.handle_async_request(request)
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            if not may_repeat:
                raise ServiceUnavailable from error
            return await self._open(request, may_repeat=False)  # a service that restarts closes its idle lines
        except httpx.TransportError as error:
            raise ServiceUnavailable from error


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    # The raw stream: content that is compressed stays so.
    stream = cast(httpx.AsyncByteStream, response.stream)
    try:
        async for chunk in stream:
            yield chunk
    except httpx.TransportError as error:
        raise AnswerCutShort from error
