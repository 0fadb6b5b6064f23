"""What a service may answer, and what ends the connection to it."""

import asyncio

import pytest

from gateway.patience import Patience
from gateway.problems import ServiceUnavailable
from gateway.upstream import AnswerCutShort, Question, Upstream
from gateway.upstream.pool import CONNECTIONS
from shared.http.tls import usual_authorities
from tests.integration.gateway.scripted import GET, OK, Scripted, before, deaf, read


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
