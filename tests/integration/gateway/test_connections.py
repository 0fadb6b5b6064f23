"""More connections than there may be, over the wire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.integration.gateway.backend import Backend
from tests.integration.gateway.front import PATIENCE_SECONDS, Front, running

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[Front], Awaitable[Line]]

REFUSED, PASSED = b"HTTP/1.1 401 Unauthorized", b"HTTP/1.1 200 OK"


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """Opens connections, and closes them in the end."""
    opened: list[Line] = []

    async def dialled(front: Front) -> Line:
        address = urlsplit(front.url)
        opened.append(await asyncio.open_connection(address.hostname, address.port))
        return opened[-1]

    yield dialled
    for _, writer in opened:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def hung_up(line: Line) -> bool:
    """Whether the gateway closes it without a word."""
    try:
        return await asyncio.wait_for(line[0].read(1), PATIENCE_SECONDS) == b""
    except ConnectionError:
        return True


async def ask(line: Line, headers: str = "") -> bytes:
    """The status line of an answer; the connection stays open."""
    reader, writer = line
    writer.write(f"GET /api/users HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
    (length,) = [field for field in head.lower().split(b"\r\n") if field.startswith(b"content-length:")]
    await reader.readexactly(int(length.partition(b":")[2]))
    return head.partition(b"\r\n")[0]


async def test_an_address_that_holds_too_many_gets_no_more_until_it_lets_one_go(
    backend: tuple[str, Backend], dial: Dial
) -> None:
    async with running(*backend, limits="on", max_connections_per_address=2) as front:
        first, second = await dial(front), await dial(front)
        assert await ask(first) == await ask(second) == REFUSED
        assert await hung_up(await dial(front))
        second[1].close()

        async def has_room() -> bool:
            try:
                return await ask(await dial(front)) == REFUSED
            except (asyncio.IncompleteReadError, ConnectionError):
                return False

        await front.until(has_room)


async def test_who_has_signed_in_does_not_count_against_those_who_share_the_address(
    backend: tuple[str, Backend], dial: Dial
) -> None:
    async with running(*backend, limits="on", max_connections_per_address=2) as front:
        await front.until(front.is_ready)  # this connection is one of the two
        token = f"Authorization: {front.bearer()['Authorization']}\r\n"
        for _ in range(3):
            assert await ask(await dial(front), token) == PASSED
        assert await ask(await dial(front)) == REFUSED
        assert await hung_up(await dial(front))


async def test_there_is_an_end_to_all_connections_and_those_that_are_open_go_on(
    backend: tuple[str, Backend], dial: Dial
) -> None:
    async with running(*backend, max_connections=3) as front:
        await front.until(front.is_ready)
        held = [await dial(front) for _ in range(2)]
        assert [await ask(line) for line in held] == [REFUSED, REFUSED]
        assert await hung_up(await dial(front))
        assert [await ask(line) for line in held] == [REFUSED, REFUSED]
        assert "client_connections 3.0" in (await front.http.get("/metrics")).text
