"""What a service reads from a socket, and how much of it."""

import asyncio
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.http.protocol import HEAD_LIMIT
from tests.support.servers import serving

CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
PATIENCE_SECONDS = 5


async def length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


APP = Starlette(routes=[Route("/", length, methods=["POST"])])


async def connected(base_url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(base_url)
    return await asyncio.open_connection(address.hostname, address.port)


@pytest.mark.parametrize(
    "beginning",
    [b"POST / HTTP/1.1\r\nHost: a\r\nX-Long: ", CHUNKED + b"0\r\nX-Long: ", CHUNKED + b"1;long="],
    ids=["header", "trailer", "chunk extension"],
)
async def test_what_never_ends_and_is_no_body_is_cut_off(beginning: bytes) -> None:
    async with serving(APP) as base_url, asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await connected(base_url)
        answer = asyncio.create_task(reader.readline())
        writer.write(beginning)
        while not answer.done():
            writer.write(b"x" * 1000)
            await asyncio.sleep(0)
        assert answer.result().startswith(b"HTTP/1.1 431")
        writer.close()


async def test_a_long_body_in_short_chunks_is_read_and_so_is_what_comes_after_its_trailers() -> None:
    async with serving(APP) as base_url, asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await connected(base_url)
        chunks = b"1;a=b\r\nx\r\n" * HEAD_LIMIT
        for _ in range(2):
            writer.write(CHUNKED + chunks)
            await writer.drain()
            writer.write(b"0\r\nX-Trailer: " + b"x" * (HEAD_LIMIT // 2) + b"\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(5) == str(HEAD_LIMIT + 2).encode()
        writer.close()
