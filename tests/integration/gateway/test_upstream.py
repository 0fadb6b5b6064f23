"""Lines to a service that die."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from gateway.problems import ServiceUnavailable
from gateway.upstream import Question, Upstream
from shared.http.tls import usual_authorities

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Odd: 1\r\n\r\nok"


class Flaky:
    """Answers the first request of each connection, and hangs up on the second after its ``last_words``."""

    def __init__(self, answers: int = 1, last_words: bytes = b"") -> None:
        self.answers = answers
        self.last_words = last_words
        self.requests = 0
        self.at_work = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_work += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        self.at_work -= 1

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(self.answers):
            await self._read(reader)
            writer.write(ANSWER)
        await self._read(reader)
        writer.write(self.last_words)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1


@asynccontextmanager
async def upstream_of(service: Flaky) -> AsyncIterator[Upstream]:
    server = await asyncio.start_server(service, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    upstream = Upstream(f"http://127.0.0.1:{port}", usual_authorities())
    async with server:
        yield upstream
        await upstream.close()
        while service.at_work:  # noqa: ASYNC110 - what changes is on the other side of a socket
            await asyncio.sleep(0)


async def ask(upstream: Upstream, method: str, body: bytes | None = None, *, may_repeat: bool) -> tuple[int, bytes]:
    reply = await upstream.ask(Question(method, b"/x", [], body, may_repeat=may_repeat))
    try:
        return reply.status, await reply.read()
    finally:
        reply.close()


async def test_what_died_on_a_used_line_is_asked_once_more_on_a_new_one() -> None:
    service = Flaky()
    async with upstream_of(service) as upstream:
        for _ in range(3):
            assert await ask(upstream, "GET", may_repeat=True) == (200, b"ok")
    assert service.requests == 5


async def test_but_not_what_died_on_a_new_one() -> None:
    service = Flaky(answers=0)
    async with upstream_of(service) as upstream:
        with pytest.raises(ServiceUnavailable):
            await ask(upstream, "GET", may_repeat=True)
    assert service.requests == 1


@pytest.mark.parametrize("last_words", [b"H", ANSWER[:30], b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_nor_what_died_when_an_answer_had_begun(last_words: bytes) -> None:
    service = Flaky(last_words=last_words)
    async with upstream_of(service) as upstream:
        assert await ask(upstream, "GET", may_repeat=True) == (200, b"ok")
        with pytest.raises(ServiceUnavailable):
            await ask(upstream, "GET", may_repeat=True)
    assert service.requests == 2


async def test_what_may_have_taken_effect_is_never_repeated() -> None:
    service = Flaky()
    async with upstream_of(service) as upstream:
        assert await ask(upstream, "POST", b"{}", may_repeat=False) == (200, b"ok")
        with pytest.raises(ServiceUnavailable):
            await ask(upstream, "POST", b"{}", may_repeat=False)
    assert service.requests == 2
