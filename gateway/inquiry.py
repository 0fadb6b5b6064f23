"""What the gateway asks the services for itself: are they well, and what do they offer."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

import httpx

from gateway.problems import ServiceUnavailable

TIMEOUT_SECONDS = 3.0

T = TypeVar("T")


class Inquiry:
    """Asks for small JSON documents that any service gives to anybody; never on behalf of a client."""

    def __init__(self, service_urls: Mapping[str, str], tls: ssl.SSLContext) -> None:
        self._urls = service_urls
        self._http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, verify=tls, trust_env=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def ask(self, service: str, path: str) -> dict[str, Any]:
        """The JSON object at ``path``, whatever its status; ``ServiceUnavailable`` when there is none."""
        try:
            document = (await self._http.get(self._urls[service] + path)).json()
        except (httpx.HTTPError, ValueError) as error:
            raise ServiceUnavailable from error
        if not isinstance(document, dict):
            raise ServiceUnavailable
        return document


class Remembered(Generic[T]):
    """An answer that is good for a while: however many ask, ``find`` runs once at a time and once per ``seconds``."""

    def __init__(
        self,
        find: Callable[[], Awaitable[T]],
        seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._seconds = seconds
        self._monotonic = monotonic
        self._finding = asyncio.Lock()
        self._found: tuple[T, float] | None = None

    async def get(self) -> T:
        """The answer, no older than ``seconds``."""
        async with self._finding:
            if self._found is None or self._monotonic() >= self._found[1]:
                self._found = await self._find(), self._monotonic() + self._seconds
            return self._found[0]
