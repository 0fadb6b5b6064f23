"""What a service may answer, and what ends the connection to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from gateway.patience import Patience
from gateway.problems import ServiceUnavailable
from gateway.upstream import AnswerCutShort, Question, Upstream
from gateway.upstream.breaker import FAILURES
from gateway.upstream.pool import CONNECTIONS
from shared.http.tls import usual_authorities

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = Question("GET", b"/x", [])


class Scripted:
    """A service that answers each request of a connection with the next of these octets; after the last it waits."""

    def __init__(self, *answers: bytes, hangs_up: bool = False) -> None:
        self.answers = answers
        self.hangs_up = hangs_up
        self.heads: list[bytes] = []
        self.connections = 0
        self.at_work = 0
        self.left = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.at_work += 1
        try:
            for answer in self.answers:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(answer)
            if not self.hangs_up:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.left.set()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.at_work -= 1

    async def rest(self) -> None:
        """Wait until all connections are closed."""
        while self.at_work:  # noqa: ASYNC110 - what changes is on the other side of a socket
            await asyncio.sleep(0)


@asynccontextmanager
async def before(*services: Scripted, base_url: str = "http://127.0.0.1:{}") -> AsyncIterator[Upstream]:
    """The way to a service, on the first of its addresses; several listen on 127.0.0.1, 127.0.0.2 and so on."""
    port, servers = 0, []
    for number, service in enumerate(services, start=1):
        servers.append(await asyncio.start_server(service, f"127.0.0.{number}", port))
        port = servers[0].sockets[0].getsockname()[1]

    async def resolve(_: str, __: int) -> list[str]:
        return [f"127.0.0.{number}" for number in range(1, len(services) + 1)]

    upstream = Upstream(base_url.format(port), usual_authorities(), resolve)
    try:
        yield upstream
    finally:
        await upstream.close()
        for server in servers:
            server.close()
        for service in services:
            await service.rest()


async def read(upstream: Upstream, question: Question = GET) -> tuple[int, bytes]:
    reply = await upstream.ask(question)
    try:
        body = b""
        while piece := await reply.read():
            body += piece
        return reply.status, body
    finally:
        reply.close()


async def test_one_connection_serves_one_request_after_the_other() -> None:
    service = Scripted(OK, OK, OK)
    async with before(service) as upstream:
        assert [await read(upstream) for _ in range(3)] == [(200, b"ok")] * 3
    assert service.connections == 1


async def test_interim_answers_are_passed_over() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    async with before(Scripted(interim + OK)) as upstream:
        reply = await upstream.ask(GET)
        assert (reply.status, list(reply.headers), await reply.read()) == (200, [(b"content-length", b"2")], b"ok")
        reply.close()


async def test_chunks_are_a_body_and_trailers_are_nothing() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\nX-Trailer: 1\r\n\r\n"
    async with before(Scripted(answer, OK)) as upstream:
        reply = await upstream.ask(GET)
        assert await reply.read() == b"abc"
        assert [name for name, _ in reply.headers] == [b"transfer-encoding"]
        reply.close()
        assert await read(upstream) == (200, b"ok")


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async with before(Scripted(b"HTTP/1.1 200 OK\r\n\r\nall of it", hangs_up=True)) as upstream:
        assert await read(upstream) == (200, b"all of it")


async def test_head_has_no_body_whatever_the_service_says() -> None:
    service = Scripted(OK)
    async with before(service) as upstream:
        assert await read(upstream, Question("HEAD", b"/x", [])) == (200, b"")
        assert await read(upstream) == (200, b"ok")
    assert service.connections == 2


LONG = b"0123456789" * 30_000
LONG_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LONG)


async def test_a_long_body_comes_whole_and_the_connection_serves_on() -> None:
    service = Scripted(LONG_HEAD + LONG, OK)
    async with before(service) as upstream:
        assert await read(upstream) == (200, LONG)
        assert await read(upstream) == (200, b"ok")
    assert service.connections == 1


async def test_what_follows_a_long_body_unasked_is_no_part_of_it() -> None:
    service = Scripted(LONG_HEAD + LONG + OK)
    async with before(service) as upstream:
        assert await read(upstream) == (200, LONG)
        await service.left.wait()
        assert await read(upstream) == (200, LONG)
    assert service.connections == 2


async def test_a_long_body_that_breaks_off_is_cut_short() -> None:
    async with before(Scripted(LONG_HEAD + LONG[:-1], hangs_up=True)) as upstream:
        with pytest.raises(AnswerCutShort):
            await read(upstream)


async def test_who_finds_all_connections_at_work_gets_the_first_that_is_free() -> None:
    many = CONNECTIONS + 20
    service = Scripted(*[OK] * many)
    async with before(service) as upstream:
        asking = [asyncio.create_task(read(upstream)) for _ in range(many)]
        assert await asyncio.gather(*asking) == [(200, b"ok")] * many
        assert upstream.connections == service.connections <= CONNECTIONS


async def test_there_are_no_more_connections_than_there_may_be() -> None:
    service = Scripted(b"")
    async with before(service) as upstream:
        asking = [asyncio.create_task(read(upstream)) for _ in range(CONNECTIONS + 20)]
        while len(service.heads) < CONNECTIONS:  # noqa: ASYNC110 - what changes is on the other side of a socket
            await asyncio.sleep(0)
        assert upstream.connections == CONNECTIONS
        for each in asking:
            each.cancel()
        await asyncio.wait(asking)


async def test_who_gets_no_connection_does_not_wait_for_ever() -> None:
    async with deaf("127.0.0.1", 0) as port:
        upstream = Upstream(f"http://127.0.0.1:{port}", usual_authorities(), connect_seconds=3600)
        with pytest.raises(ServiceUnavailable):
            await read(upstream)
        await upstream.close()


async def test_who_left_the_queue_takes_no_connection_along() -> None:
    service = Scripted(*[OK] * 10)
    async with before(service) as upstream:
        asking = [asyncio.create_task(read(upstream)) for _ in range(5)]
        await asyncio.sleep(0)
        for each in asking[:4]:
            each.cancel()
        assert await asking[4] == (200, b"ok")
        assert await read(upstream) == (200, b"ok")


CUT_SHORT = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n",
]


@pytest.mark.parametrize("answer", CUT_SHORT)
async def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(answer: bytes) -> None:
    async with before(Scripted(answer, hangs_up=True)) as upstream:
        with pytest.raises(AnswerCutShort):
            await read(upstream)


NO_ANSWERS = [
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Le",
    b"garbage\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX-A: b\r\n folded\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 100_000,
]


@pytest.mark.parametrize("answer", NO_ANSWERS)
async def test_what_is_no_plain_answer_is_an_outage(answer: bytes) -> None:
    async with before(Scripted(answer, hangs_up=True)) as upstream:
        with pytest.raises(ServiceUnavailable):
            await read(upstream)


async def test_octets_that_nobody_asked_for_are_no_answer_to_the_next() -> None:
    service = Scripted(OK + OK.replace(b"ok", b"no"), OK)
    async with before(service) as upstream:
        assert await read(upstream) == (200, b"ok")
        await service.left.wait()
        assert await read(upstream) == (200, b"ok")
    assert service.connections == 2


async def test_silence_ends_at_some_time_and_so_does_the_services_work() -> None:
    service = Scripted(b"")
    async with before(service) as upstream:
        with pytest.raises(ServiceUnavailable):
            await read(upstream, Question("GET", b"/x", [], patience=Patience(stall=0.01, total=3600)))
        await service.left.wait()


async def test_silence_in_the_middle_is_cut_short() -> None:
    async with before(Scripted(CUT_SHORT[0])) as upstream:
        with pytest.raises(AnswerCutShort):
            await read(upstream, Question("GET", b"/x", [], patience=Patience(stall=3600, total=0.01)))


async def test_who_is_not_interested_any_more_ends_the_services_work() -> None:
    service = Scripted(b"")
    async with before(service) as upstream:
        asking = asyncio.create_task(read(upstream))
        while not service.heads:  # noqa: ASYNC110 - what changes is on the other side of a socket
            await asyncio.sleep(0)
        asking.cancel()
        await service.left.wait()


async def test_requests_go_to_the_replica_with_the_least_to_do() -> None:
    first, second = Scripted(b""), Scripted(b"")
    async with before(first, second, base_url="http://service.test:{}") as upstream:
        asking = [asyncio.create_task(read(upstream)) for _ in range(4)]
        while len(first.heads) + len(second.heads) < 4:  # noqa: ASYNC110 - on the other side of a socket
            await asyncio.sleep(0)
        assert (len(first.heads), len(second.heads)) == (2, 2)
        for each in asking:
            each.cancel()
        await asyncio.wait(asking)


async def test_a_dead_replica_costs_nobody_anything() -> None:
    alive = Scripted(OK, OK, OK)
    server = await asyncio.start_server(alive, "127.0.0.2", 0)
    port = server.sockets[0].getsockname()[1]

    async def resolve(_: str, __: int) -> list[str]:
        return ["127.0.0.3", "127.0.0.2"]

    upstream = Upstream(f"http://service.test:{port}", usual_authorities(), resolve)
    async with server:
        assert [await read(upstream, Question("POST", b"/x", [], b"")) for _ in range(3)] == [(200, b"ok")] * 3
        await upstream.close()
        await alive.rest()


async def test_a_replica_that_does_not_even_refuse_is_not_waited_for_long() -> None:
    """As behind a firewall, or on a node that is gone: here its queue of connections is full."""
    alive = Scripted(OK)
    server = await asyncio.start_server(alive, "127.0.0.2", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, deaf("127.0.0.3", port):

        async def resolve(_: str, __: int) -> list[str]:
            return ["127.0.0.3", "127.0.0.2"]

        upstream = Upstream(f"http://service.test:{port}", usual_authorities(), resolve, connect_seconds=0.05)
        assert await read(upstream, Question("POST", b"/x", [], b"")) == (200, b"ok")
        await upstream.close()
        await alive.rest()


@asynccontextmanager
async def deaf(host: str, port: int) -> AsyncIterator[int]:
    """Nobody takes the connections that come to this port, and there is room for one."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind((host, port))
        listening.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


async def test_a_service_that_is_away_for_long_is_not_waited_for_each_time() -> None:
    asked = 0

    async def resolve(_: str, __: int) -> list[str]:
        nonlocal asked
        asked += 1
        raise OSError("no such name")

    upstream = Upstream("http://service.test:1", usual_authorities(), resolve)
    for _ in range(FAILURES + 5):
        with pytest.raises(ServiceUnavailable):
            await read(upstream)
    assert asked == FAILURES
