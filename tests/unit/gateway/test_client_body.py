"""What a client sends after the headers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from gateway.client_body import ClientBody, ClientGone
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


async def read(body: ClientBody, *, whole: bool) -> bytes | None:
    content = await body.content(whole=whole)
    return await _joined(content) if isinstance(content, AsyncIterator) else content


async def _joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


LIMIT = 1000
BOTH_WAYS = pytest.mark.parametrize("whole", [True, False])


@BOTH_WAYS
async def test_a_body_comes_as_it_was_sent(whole: bool) -> None:
    client = Client(piece(b"ab"), piece(b""), piece(b"c"), piece(b"", more=False))
    assert await read(client.body(LIMIT), whole=whole) == b"abc"


async def test_no_body_is_no_body() -> None:
    assert await Client().body(10, (b"content-length", b"0")).content(whole=True) is None
    assert await Client().body(10, (b"accept", b"*/*")).content(whole=True) is None


@BOTH_WAYS
async def test_one_octet_too_many_is_too_many(whole: bool) -> None:
    await read(Client(piece(b"x" * LIMIT, more=False)).body(LIMIT), whole=whole)
    with pytest.raises(BodyTooLarge):
        await read(Client(piece(b"x" * LIMIT), piece(b"x", more=False)).body(LIMIT), whole=whole)


async def test_an_announcement_is_enough_to_be_refused() -> None:
    with pytest.raises(BodyTooLarge):
        Client().body(10, (b"content-length", b"11"))


@BOTH_WAYS
async def test_who_stops_sending_is_not_waited_for(whole: bool) -> None:
    with pytest.raises(BodyTooSlow) as refused:
        await read(Client(piece(b"a")).body(LIMIT), whole=whole)
    response = answer(refused.value)
    assert response.status_code == 408
    assert response.headers["connection"] == "close"


@BOTH_WAYS
async def test_who_hangs_up_in_the_middle_is_gone(whole: bool) -> None:
    with pytest.raises(ClientGone):
        await read(Client(piece(b"a"), GONE).body(LIMIT), whole=whole)


async def test_it_says_whether_it_had_to_wait() -> None:
    awaited = Client(piece(b"body", more=False)).body(LIMIT)
    await read(awaited, whole=True)
    request = Request("POST", "/x", b"/x", (CHUNKED,), "", body_at_hand=lambda: b"body")
    came_along = ClientBody(request, LIMIT, Client().receive)
    await read(came_along, whole=True)
    assert (awaited.was_awaited, came_along.was_awaited) == (True, False)
