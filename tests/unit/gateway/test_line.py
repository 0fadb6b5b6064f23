"""A connection to a service that takes, or brings, more than the other side wants just now."""

import asyncio

import pytest

from gateway.patience import PATIENCE
from gateway.upstream.failures import LineDied
from gateway.upstream.incoming import LONG, MOST_WAITING
from gateway.upstream.line import Line

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written, and when reading was to stop and to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reading: list[str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.reading.append("pause")

    def resume_reading(self) -> None:
        self.reading.append("resume")

    def is_closing(self) -> bool:
        return False


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def line(wire: Wire) -> Line:
    """One that has asked something."""
    line = Line(asyncio.get_running_loop(), lambda _: None)
    line.connection_made(wire)
    line.busy = True
    line.ask(b"GET / HTTP/1.1\r\n\r\n", PATIENCE, head_only=False)
    return line


async def test_of_an_answer_that_nobody_reads_no_more_comes_than_there_is_room_for(line: Line, wire: Wire) -> None:
    body = b"x" * MOST_WAITING
    line.data_received(HEAD % (2 * len(body)) + body)
    assert wire.reading == []
    line.data_received(b"y")
    assert wire.reading == ["pause"]
    assert await line.read() == body
    assert wire.reading == ["pause", "resume"]
    assert await line.read() == b"y"


async def test_a_body_waits_for_a_service_that_takes_none(line: Line, wire: Wire) -> None:
    line.pause_writing()
    writing = asyncio.create_task(line.write(b"piece"))
    await asyncio.sleep(0)
    assert not writing.done()
    line.resume_writing()
    await writing
    await line.write(b"another")
    assert wire.written.endswith(b"pieceanother")


async def test_and_does_not_wait_for_one_that_is_gone(line: Line) -> None:
    line.pause_writing()
    writing = asyncio.create_task(line.write(b"piece"))
    await asyncio.sleep(0)
    line.connection_lost(None)
    with pytest.raises(LineDied):
        await writing
    with pytest.raises(LineDied):
        await line.write(b"piece")


async def test_a_short_body_that_came_with_the_head_is_at_hand_once(line: Line) -> None:
    line.data_received(HEAD % 4 + b"tr")
    await line.answer()
    assert line.at_hand() is None
    line.data_received(b"ue")
    assert line.at_hand() == b"true"
    assert line.at_hand() == b""
    assert line.is_complete


async def test_a_body_that_takes_long_to_put_together_stays_in_pieces(line: Line) -> None:
    body = b"x" * (LONG + 1)
    line.data_received(HEAD % len(body) + body[:1])
    line.data_received(body[1:])
    assert line.at_hand() is None
    assert [await line.read(), await line.read()] == [body[:1], body[1:]]
