"""Passes an admitted request to its service and the answer back, both as streams."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Send

from gateway.client_body import ClientBody, ClientGone
from gateway.headers import refresh_cookie, to_client, to_service
from gateway.request import Headers, Request
from gateway.rule import Rule
from gateway.upstream import Upstream
from shared.contracts.caller import CONTEXT_HEADER, Caller, ContextSigner
from shared.http.client_info import ADDRESS_HEADER
from shared.http.request_id import REQUEST_ID_HEADER, current_request_id
from shared.trace import TRACE_HEADER, current_trace


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may pass: by which rule, for whom, from where."""

    rule: Rule
    request: Request
    caller: Caller | None
    address: str


@dataclass(frozen=True, slots=True)
class Forwarder:
    """The way to the services."""

    upstreams: Mapping[str, Upstream]
    signer: ContextSigner

    async def __call__(self, admitted: Admitted, receive: Receive, send: Send) -> None:
        """Answer with what the service answers.

        Problems are raised only before the answer has begun. ``ClientGone`` when the client hangs up first; the
        service's work is then broken off, too.
        """
        body = ClientBody(admitted.request, admitted.rule.body_limit, receive)
        await _unless_left(self._exchange(admitted, body, send), body.until_client_leaves())

    async def _exchange(self, admitted: Admitted, body: ClientBody, send: Send) -> None:
        request, content = admitted.request, await body.content()
        headers = to_service(request.headers, self._our_word(admitted))
        if admitted.rule.cookie:
            headers += refresh_cookie(request.headers)
        if content is not None and not isinstance(content, bytes) and request.body_length:
            headers.append((b"content-length", b"%d" % request.body_length))
        upstream = self.upstreams[admitted.rule.service]
        async with upstream.ask(request.method, request.target, headers, content) as reply:
            answer = to_client(reply.headers, cookie=admitted.rule.cookie)
            start = {"type": "http.response.start", "status": reply.status, "headers": answer}
            await send(start)
            async for chunk in reply.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        # Last of all, so that the client's leaving after the end interrupts nothing.
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _our_word(self, admitted: Admitted) -> Headers:
        service, caller = admitted.rule.service, admitted.caller
        context = self.signer.for_caller(caller, service) if caller else self.signer.for_anonymous(service)
        told = {
            CONTEXT_HEADER: context,
            ADDRESS_HEADER: admitted.address,
            REQUEST_ID_HEADER: current_request_id(),
            TRACE_HEADER: current_trace(),
        }
        return [(name.encode(), value.encode()) for name, value in told.items() if value]


async def _unless_left(work: Coroutine[Any, Any, None], leaving: Coroutine[Any, Any, None]) -> None:
    """Do ``work`` to its end, or break it off with ``ClientGone`` when ``leaving`` ends first."""
    working, left = asyncio.ensure_future(work), asyncio.ensure_future(leaving)
    try:
        await asyncio.wait((working, left), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        working.result()
    finally:
        for task in (working, left):
            task.cancel()
        await asyncio.gather(working, left, return_exceptions=True)
