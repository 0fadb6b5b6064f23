"""Asking a service that knows stolen passwords, without telling it which one is meant."""

import asyncio
import hashlib
import re

import httpx
import structlog

from services.auth.domain.passwords import normalised
from services.auth.metrics import BREACHED_PASSWORD_LOOK_UPS
from shared.http.tls import usual_authorities

ANSWER_SECONDS = 1.0
"""For all of it; a person waits."""

CONNECTIONS = 10
LONGEST_ANSWER = 1024 * 1024
"""Octets: some twenty times what a range takes today."""

_PREFIX = 5
_LINE = re.compile(r"([0-9A-F]{35}):(\d{1,12})")

log = structlog.get_logger(__name__)


class UnusableAnswer(Exception):
    """What came back is no range."""


class BreachedPasswords:
    """The range protocol of Pwned Passwords (version 3): ``url`` and the first five digits of the SHA-1 make a range.

    Its lines are the other 35 digits and a count; with ``Add-Padding`` there are lines that count nothing among them,
    so that not even the length of the answer says which range it was.

    Nobody is refused because of a service that does not answer: that is counted, and the password is good.
    """

    def __init__(self, url: str, seconds: float = ANSWER_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._seconds = seconds
        self._http = httpx.AsyncClient(
            timeout=seconds,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            headers={"Add-Padding": "true", "Accept-Encoding": "identity", "User-Agent": "sparknode-identity"},
            verify=usual_authorities(),
            trust_env=False,
        )

    async def know(self, password: str) -> bool:
        """Whether ``password`` is known to be stolen."""
        digits = hashlib.sha1(normalised(password).encode(), usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(self._seconds):
                counts = await self._range(digits[:_PREFIX])
        except (httpx.HTTPError, UnusableAnswer, TimeoutError) as error:
            log.warning("breached passwords not asked", reason=type(error).__name__)
            BREACHED_PASSWORD_LOOK_UPS.labels("failed").inc()
            return False
        known = counts.get(digits[_PREFIX:], 0) > 0
        BREACHED_PASSWORD_LOOK_UPS.labels("known" if known else "unknown").inc()
        return known

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _range(self, prefix: str) -> dict[str, int]:
        text = bytearray()
        async with self._http.stream("GET", f"{self._url}/{prefix}") as answer:
            answer.raise_for_status()
            async for part in answer.aiter_raw():
                text += part
                if len(text) > LONGEST_ANSWER:
                    raise UnusableAnswer
        return dict(_read(line) for line in text.decode("ascii", "replace").split())


def _read(line: str) -> tuple[str, int]:
    if found := _LINE.fullmatch(line.upper()):
        return found[1], int(found[2])
    raise UnusableAnswer
