"""Large answers and bodies flow through; nothing holds them."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.authenticate.known_caller import KnownCaller
from gateway.contexts import Contexts
from gateway.forward import Admitted, Forwarder
from gateway.limits.overload import Gate
from gateway.problems import answer
from gateway.request import Request
from gateway.rule import Public, Rule
from gateway.server import serve
from gateway.upstream import Upstream
from shared.clock import utc_now
from shared.contracts.caller import ContextSigner
from shared.errors import Problem
from shared.http.tls import usual_authorities
from tests.integration.gateway.backend import PIECE, PIECES
from tests.integration.gateway.front import Front
from tests.support.callers import SIGNING_KEY
from tests.support.servers import serving

WHOLE = 64 * 1024
IMPORT = Rule("POST", "/import", "invitations", Public(), body_limit=8 * 1024 * 1024, streams=True)


async def test_an_answer_of_20_mib_begins_to_arrive_before_it_is_finished(front: Front) -> None:
    async with front.http.stream("GET", "/api/enrolment", headers={"X-Want": "big"}) as response:
        assert response.headers["content-length"] == str(len(PIECE) * PIECES)
        size, pieces = 0, response.aiter_raw()
        while size < len(PIECE):
            size += len(await anext(pieces))
        assert not front.backend.go_on.is_set()
        front.backend.go_on.set()
        async for piece in pieces:
            size += len(piece)
    assert size == len(PIECE) * PIECES


class Counting:
    """A service that tells how much of a body has come so far."""

    def __init__(self) -> None:
        self.size = 0
        self.some = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            more = message["more_body"]
            self.size += len(message["body"])
            self.some.set()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(self.size).encode()})


async def nobody() -> None:
    """Who asks here."""


async def unwatched(_: KnownCaller) -> None:
    """Who goes on being answered."""


class OneRule:
    """The way to a service for requests that match one rule, whatever they are."""

    def __init__(self, url: str, rule: Rule) -> None:
        self._rule = rule
        self.upstream = Upstream(url, usual_authorities())
        self._forward = Forwarder(
            {rule.service: self.upstream},
            Contexts(ContextSigner(SIGNING_KEY, "gateway", utc_now)),
            Gate([rule.service], 10, 10),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admitted = Admitted(self._rule, Request.of(scope), None, "192.0.2.1", nobody, unwatched)
        try:
            await self._forward(admitted, receive, send)
        except Problem as problem:
            await answer(problem)(scope, receive, send)


@pytest.fixture
async def counting() -> AsyncIterator[tuple[Counting, httpx.AsyncClient]]:
    service = Counting()
    async with serving(service) as service_url:
        gate = OneRule(service_url, IMPORT)
        async with (
            serving(gate, serve=serve) as url,
            httpx.AsyncClient(base_url=url, verify=usual_authorities(), trust_env=False) as client,
        ):
            yield service, client
        await gate.upstream.close()


async def test_a_long_body_reaches_the_service_while_it_is_still_being_sent(
    counting: tuple[Counting, httpx.AsyncClient],
) -> None:
    service, client = counting

    async def body() -> AsyncIterator[bytes]:
        yield b"x" * WHOLE
        await service.some.wait()
        yield b"x" * WHOLE

    sent = await client.post("/import", content=body())
    assert sent.text == str(2 * WHOLE)


async def test_a_long_body_of_known_length_keeps_it(counting: tuple[Counting, httpx.AsyncClient]) -> None:
    _, client = counting
    assert (await client.post("/import", content=b"x" * 1_000_000)).text == "1000000"


async def test_a_long_body_is_cut_off_at_the_limit(counting: tuple[Counting, httpx.AsyncClient]) -> None:
    service, client = counting

    async def body() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * WHOLE

    assert (await client.post("/import", content=body())).status_code == 413
    assert service.size <= IMPORT.body_limit + WHOLE
