"""What a client may do on its connection: order, time-outs, back-pressure, leaving, and the end of the server."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.patience import ClientPatience
from gateway.server import serve
from gateway.server.answer import UnsafeAnswer
from gateway.server.exchange import REST
from shared.http.server import listen
from tests.support.servers import serving

IMPATIENT = ClientPatience(head=0.1, idle=0.1, stall=0.1, linger=0.1, drain=0.1, watch=0.02)
GET = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = 8 * 1024 * 1024
REST_SECONDS = 0.1


@dataclass
class App:
    """Answers with its path; ``wait`` waits for ``go_on``, ``large`` is large."""

    asked: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        if "refusal" in scope["state"]:
            await answer(send, scope["state"]["refusal"].status, b"")
            return
        try:
            if scope["path"].startswith("/wait"):
                await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        if scope["path"] == "/body":
            await answer(send, 200, await body(receive))
            return
        await answer(send, 200, b"x" * LARGE if scope["path"] == "/large" else scope["path"].encode())


async def body(receive: Receive) -> bytes:
    """All of it."""
    pieces, more = b"", True
    while more:
        message = await receive()
        pieces, more = pieces + message["body"], message["more_body"]
    return pieces


async def answer(send: Send, status: int, body: bytes) -> None:
    """An answer of known length."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def reply(self) -> tuple[int, bytes]:
        """The next answer: its status and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        return int(head.split(b" ")[1]), await self.reader.readexactly(int(length[1])) if length else b""

    async def is_cut_off(self) -> bool:
        """Wait for the server to hang up; whether it did so without another word."""
        return await self.reader.read() == b""


@asynccontextmanager
async def client_of(app: ASGIApp, patience: ClientPatience = ClientPatience()) -> AsyncIterator[Client]:  # noqa: B008
    async with serving(app, serve=partial(serve, patience=patience)) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        yield Client(reader, writer)
        await hang_up(writer)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """End the connection, whatever was not sent yet, and wait until it has ended."""
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what changes is on the other side of a socket
        await asyncio.sleep(0)


async def test_what_is_asked_in_one_piece_is_answered_in_order() -> None:
    app = App()
    async with client_of(app) as client:
        client.writer.write(b"".join(GET % b"%d" % number for number in range(300)))
        assert [await client.reply() for _ in range(300)] == [(200, b"/%d" % number) for number in range(300)]


async def test_the_second_waits_for_the_first() -> None:
    app = App()
    async with client_of(app) as client:
        client.writer.write(GET % b"wait" + GET % b"second")
        await until(lambda: app.asked == ["/wait"])
        app.go_on.set()
        assert [await client.reply(), await client.reply()] == [(200, b"/wait"), (200, b"/second")]


async def test_a_body_that_was_still_coming_when_its_turn_came_is_read_on() -> None:
    app = App()
    async with client_of(app) as client:
        client.writer.write(GET % b"wait" + b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        await until(lambda: app.asked == ["/wait"])
        app.go_on.set()
        assert await client.reply() == (200, b"/wait")
        client.writer.write(b"cd" + GET % b"next")
        assert await client.reply() == (200, b"abcd")
        assert await client.reply() == (200, b"/next")


async def resting(scope: Scope, receive: Receive, send: Send) -> None:
    """Has its connection rest after each answer."""

    async def tell(message: Message) -> None:
        await send({**message, REST: REST_SECONDS})

    await answer(tell, 200, scope["path"].encode())


async def test_while_a_connection_rests_nothing_is_done_for_it() -> None:
    async with client_of(resting, IMPATIENT) as client:
        client.writer.write(GET % b"first" + GET % b"second")
        assert await client.reply() == (200, b"/first")
        answered = time.monotonic()
        client.writer.write(GET % b"third" + b"nonsense\r\n\r\n")
        assert await client.reply() == (200, b"/second")
        assert await client.reply() == (200, b"/third")
        assert (await client.reply())[0] == 200  # what the app makes of a refusal
        assert time.monotonic() - answered > 2.5 * REST_SECONDS
        assert await client.is_cut_off()


async def test_there_is_no_second_answer_to_one_request() -> None:
    async def twice(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, b"one")
        with pytest.raises(UnsafeAnswer):
            await answer(send, 200, b"two")

    async with client_of(twice) as client:
        client.writer.write(GET % b"x")
        assert await client.reply() == (200, b"one")
        client.writer.write(GET % b"x")
        assert await client.reply() == (200, b"one")


async def test_who_asks_without_end_and_takes_nothing_is_not_listened_to() -> None:
    app = App()
    async with client_of(app) as client:
        client.writer.write(GET % b"wait" + GET % b"n" * 200_000)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.writer.drain(), 0.2)
        assert app.asked == ["/wait"]
        app.go_on.set()


async def test_who_sends_a_long_body_that_nobody_takes_is_not_listened_to() -> None:
    app = App()
    async with client_of(app) as client:
        client.writer.write(
            b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (3 * LARGE) + b"x" * 2 * LARGE
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.writer.drain(), 0.2)
        assert app.asked == ["/wait"]
        app.go_on.set()


async def test_a_malformed_request_behind_a_good_one_is_refused_in_its_turn_and_ends_the_connection() -> None:
    app = App()
    async with client_of(app) as client:
        client.writer.write(GET % b"wait" + b"garbage\r\n\r\n" + GET % b"never")
        await until(lambda: app.asked == ["/wait"])
        app.go_on.set()
        assert await client.reply() == (200, b"/wait")
        assert (await client.reply())[0] == 400
        assert await client.is_cut_off()
    assert "/never" not in app.asked


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_who_wants_the_connection_closed_has_it_closed(version: bytes) -> None:
    async with client_of(App()) as client:
        client.writer.write(b"GET /x HTTP/%b\r\nHost: a\r\nConnection: close\r\n\r\n" % version + GET % b"never")
        assert await client.reply() == (200, b"/x")
        assert await client.is_cut_off()


async def test_http_1_0_may_keep_its_connection_by_asking_only() -> None:
    async with client_of(App()) as client:
        client.writer.write(b"GET /stay HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2 + b"GET /x HTTP/1.0\r\n\r\n")
        assert [await client.reply() for _ in range(3)] == [(200, b"/stay"), (200, b"/stay"), (200, b"/x")]
        assert await client.is_cut_off()


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
