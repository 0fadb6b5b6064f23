"""What a client may do on its connection: order, back-pressure, and when it stays."""

import asyncio
import time

import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.server.answer import UnsafeAnswer
from gateway.server.exchange import REST
from tests.integration.gateway.client import (
    GET,
    IMPATIENT,
    LARGE,
    REST_SECONDS,
    App,
    answer,
    client_of,
    until,
)


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
