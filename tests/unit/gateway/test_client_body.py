"""What a client sends after the headers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from gateway.client_body import WHOLE, ClientBody, ClientGone
from gateway.problems import BodyTooSlow, answer
from gateway.request import Request
from shared.http.problems import BodyTooLarge

GONE = {"type": "http.disconnect"}
CHUNKED = (b"transfer-encoding", b"chunked")


def piece(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


class Client:
    """Sends these messages, then nothing more."""

    def __init__(self, *messages: Message) -> None:
        self.messages = list(messages)

    async def receive(self) -> Message:
        if self.messages:
            return self.messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    def body(self, limit: int, *headers: tuple[bytes, bytes]) -> ClientBody:
        request = Request("POST", "/x", b"/x", headers or (CHUNKED,), "")
        return ClientBody(request, limit, self.receive, slowest_seconds=0.05)


async def read(body: ClientBody) -> bytes | None:
    content = await body.content()
    return await _joined(content) if isinstance(content, AsyncIterator) else content


async def _joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


LIMITS = pytest.mark.parametrize("limit", [WHOLE, WHOLE + 1])


@LIMITS
async def test_a_body_comes_as_it_was_sent(limit: int) -> None:
    client = Client(piece(b"ab"), piece(b""), piece(b"c"), piece(b"", more=False))
    assert await read(client.body(limit)) == b"abc"


async def test_no_body_is_no_body() -> None:
    assert await Client().body(10, (b"content-length", b"0")).content() is None
    assert await Client().body(10, (b"accept", b"*/*")).content() is None


@LIMITS
async def test_one_octet_too_many_is_too_many(limit: int) -> None:
    await read(Client(piece(b"x" * limit, more=False)).body(limit))
    with pytest.raises(BodyTooLarge):
        await read(Client(piece(b"x" * limit), piece(b"x", more=False)).body(limit))


async def test_an_announcement_is_enough_to_be_refused() -> None:
    with pytest.raises(BodyTooLarge):
        Client().body(10, (b"content-length", b"11"))


@LIMITS
async def test_who_stops_sending_is_not_waited_for(limit: int) -> None:
    with pytest.raises(BodyTooSlow) as refused:
        await read(Client(piece(b"a")).body(limit))
    response = answer(refused.value)
    assert response.status_code == 408
    assert response.headers["connection"] == "close"


@LIMITS
async def test_who_hangs_up_in_the_middle_is_gone(limit: int) -> None:
    with pytest.raises(ClientGone):
        await read(Client(piece(b"a"), GONE).body(limit))


async def test_leaving_is_noticed_once_the_body_has_been_read() -> None:
    body = Client(piece(b"a", more=False), piece(b"", more=False), GONE).body(10)
    leaving = asyncio.create_task(body.until_client_leaves())
    await asyncio.sleep(0)
    assert not leaving.done()
    await body.content()
    await leaving
