"""Serving on a socket, and calling a fellow service on one."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.clock import utc_now
from shared.contracts.caller import ContextSigner, ContextVerifier, Peer
from shared.errors import Conflict, Gone
from shared.http.app import build_app
from shared.http.endpoint import Endpoint
from shared.http.models import Answer, Body
from shared.http.peer import PeerClient, PeerUnavailable
from shared.http.replies import reply
from shared.http.request_id import take_request_id
from shared.http.server import listen, serve
from shared.http.tls import usual_authorities
from shared.process import CannotStart
from shared.trace import continue_trace
from tests.support.callers import SIGNING_KEY
from tests.support.servers import serving


class Question(Body):
    """What is asked."""

    word: str


class Echo(Answer):
    """What was heard, and from whom."""

    word: str
    peer: str


class Refused(Gone):
    """Known to both sides."""

    code = "refused"
    title = "Refused"


async def echo(use: None, peer: Peer, body: Question) -> Response:
    """Say it again."""
    if body.word == "no":
        raise Refused("Said no.")
    if body.word == "surprise":
        raise Conflict("Nobody expects this.")
    return reply(Echo(word=body.word, peer=peer.name))


async def hello(use: None, peer: Peer) -> Response:
    """Say hello."""
    return reply(Echo(word="hello", peer=peer.name))


ENDPOINTS = (
    Endpoint("POST", "/internal/echo", echo, {200: Echo}),
    Endpoint("GET", "/internal/hello", hello, {200: Echo}),
)
SIGNER = ContextSigner(SIGNING_KEY, "auth", utc_now)


@asynccontextmanager
async def peer_at(base_url: str) -> AsyncIterator[PeerClient]:
    peer = PeerClient("echoes", base_url, SIGNER, (Refused,))
    try:
        yield peer
    finally:
        await peer.close()


@asynccontextmanager
async def echoes() -> AsyncIterator[PeerClient]:
    app = build_app("echoes", ENDPOINTS, None, verifier=ContextVerifier(SIGNING_KEY, "echoes", utc_now), checks={})
    async with serving(app) as base_url, peer_at(base_url) as peer:
        yield peer


async def test_a_fellow_service_is_called_under_our_own_name() -> None:
    take_request_id("r1")
    continue_trace(None)
    async with echoes() as peer:
        assert await peer.post("/internal/echo", {"word": "hi"}, Echo) == Echo(word="hi", peer="auth")
        assert await peer.get("/internal/hello", Echo) == Echo(word="hello", peer="auth")


async def test_a_problem_that_both_sides_know_is_raised_again() -> None:
    async with echoes() as peer:
        with pytest.raises(Refused, match="Said no"):
            await peer.post("/internal/echo", {"word": "no"}, Echo)


async def test_any_other_answer_is_an_outage_of_the_fellow_service() -> None:
    async with echoes() as peer:
        with pytest.raises(PeerUnavailable):
            await peer.post("/internal/echo", {"word": "surprise"}, Echo)
        with pytest.raises(PeerUnavailable):
            await peer.get("/nowhere", Echo)


async def test_nobody_there_is_an_outage() -> None:
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    listening.close()
    async with peer_at(f"http://127.0.0.1:{port}") as peer:
        with pytest.raises(PeerUnavailable):
            await peer.get("/internal/hello", Echo)


async def test_a_request_under_way_is_answered_before_the_server_stops() -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        entered.set()
        await leave.wait()
        return PlainTextResponse("done")

    listening = listen("127.0.0.1", 0)
    server = asyncio.create_task(serve(Starlette(routes=[Route("/", slow)]), listening))
    async with httpx.AsyncClient(verify=usual_authorities(), trust_env=False) as client:
        asked = asyncio.create_task(client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/"))
        await entered.wait()
        server.cancel()
        await asyncio.sleep(0)
        leave.set()
        assert (await asked).text == "done"
    with pytest.raises(asyncio.CancelledError):
        await server


def test_an_answer_does_not_wait_until_its_head_is_confirmed() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()[:2]):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_is_a_sentence() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(CannotStart, match=r"Cannot listen on .* PORT="):
        listen("127.0.0.1", taken.getsockname()[1])


def test_it_listens_on_ipv6_too() -> None:
    with listen("::1", 0) as listening:
        assert listening.getsockname()[0] == "::1"
