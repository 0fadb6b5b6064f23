"""How long a client may take, and what becomes of it at the end: of its patience, or of the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from gateway.patience import ClientPatience
from gateway.server import serve
from shared.http.server import listen
from tests.integration.gateway.client import (
    GET,
    IMPATIENT,
    LARGE,
    App,
    Client,
    client_of,
    hang_up,
    until,
)


async def test_who_says_nothing_is_hung_up_on() -> None:
    async with client_of(App(), IMPATIENT) as client:
        assert await client.is_cut_off()


async def test_who_has_nothing_more_to_say_is_hung_up_on() -> None:
    async with client_of(App(), IMPATIENT) as client:
        client.writer.write(GET % b"x")
        assert await client.reply() == (200, b"/x")
        assert await client.is_cut_off()


async def test_headers_that_trickle_are_408() -> None:
    async with client_of(App(), IMPATIENT) as client:
        client.writer.write(b"GET /x HTTP/1.1\r\nHost: a\r\nX-A")
        assert (await client.reply())[0] == 408
        assert await client.is_cut_off()


async def test_an_answer_under_way_has_all_the_time_that_it_needs() -> None:
    app = App()
    async with client_of(app, IMPATIENT) as client:
        client.writer.write(GET % b"wait")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), IMPATIENT.head * 3)
        app.go_on.set()
        assert await client.reply() == (200, b"/wait")


async def test_who_takes_nothing_of_an_answer_is_cut_off() -> None:
    app = App()
    async with client_of(app, IMPATIENT) as client:
        client.writer.write(GET % b"large")
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(IMPATIENT.stall * 5)
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client.reply()


async def test_an_answer_that_nobody_takes_is_not_made() -> None:
    made = asyncio.Event()

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _number in range(40):
            await send({"type": "http.response.body", "body": b"x" * 1024 * 1024, "more_body": True})
        made.set()

    async with client_of(app) as client:
        client.writer.write(GET % b"x")
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(made.wait(), 0.2)


async def test_a_large_answer_arrives_whole() -> None:
    async with client_of(App()) as client:
        client.writer.write(GET % b"large")
        assert (await client.reply())[1] == b"x" * LARGE


async def test_who_leaves_is_not_worked_for_any_longer() -> None:
    app = App()
    async with client_of(app) as client:
        client.writer.write(GET % b"wait")
        await until(lambda: app.asked == ["/wait"])
        client.writer.close()
        await app.cancelled.wait()


@asynccontextmanager
async def stopping(app: App, patience: ClientPatience) -> AsyncIterator[tuple["asyncio.Future[None]", int]]:
    listening = listen("127.0.0.1", 0)
    server = asyncio.ensure_future(serve(app, listening, patience=patience))
    yield server, listening.getsockname()[1]
    with pytest.raises(asyncio.CancelledError):
        await server
    listening.close()


async def test_at_the_end_what_is_under_way_is_answered_and_nothing_new_is_taken() -> None:
    app = App()
    async with stopping(app, ClientPatience()) as (server, port):
        busy = Client(*await asyncio.open_connection("127.0.0.1", port))
        idle = Client(*await asyncio.open_connection("127.0.0.1", port))
        busy.writer.write(GET % b"wait")
        await until(lambda: app.asked == ["/wait"])
        server.cancel()
        assert await idle.is_cut_off()
        app.go_on.set()
        head = await busy.reader.readuntil(b"\r\n\r\n")
        assert b"\r\nconnection: close\r\n" in head
        assert await busy.reader.read() == b"/wait"
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)
        await hang_up(idle.writer)
        await hang_up(busy.writer)


async def test_the_end_does_not_wait_for_ever() -> None:
    app = App()
    async with stopping(app, IMPATIENT) as (server, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET % b"wait")
        await until(lambda: app.asked == ["/wait"])
        server.cancel()
        await app.cancelled.wait()
        await hang_up(writer)
