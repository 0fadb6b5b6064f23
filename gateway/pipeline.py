"""The way of every request: match, the address's limit, authenticate, revoked?, tenant, permission, limit, forward."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import starlette.requests
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from gateway.admit import admit
from gateway.authenticate import Authenticator
from gateway.client_address import ClientAddresses
from gateway.client_body import ClientGone
from gateway.connections import Place
from gateway.cors import Cors, leave_for
from gateway.forward import Admitted, Forwarder
from gateway.limits import Limits, tighter
from gateway.matching import Matcher
from gateway.overload import COME_BACK_SECONDS, Gate, Overloaded
from gateway.problems import answer
from gateway.request import Headers, Request
from gateway.revocations import Revocations
from gateway.routes import GATEWAY
from gateway.rule import LimitClass, Public, Rule
from gateway.server.refusals import REFUSAL
from gateway.server.scope import PLACE
from shared.contracts.caller import Caller
from shared.errors import Problem

CLIENT_CLOSED_REQUEST = 499
"""For the log: nobody reads it."""

OwnHandler = Callable[[starlette.requests.Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An ASGI app. Each step either passes the request on or raises the problem that answers it."""

    matcher: Matcher
    authenticator: Authenticator
    revocations: Revocations
    addresses: ClientAddresses
    limits: Limits
    cors: Cors
    gate: Gate
    own: Mapping[str, OwnHandler]
    forward: Forwarder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = telling(self.cors.headers_for(scope["headers"]), send)
        try:
            await self._serve(scope, receive, send)
        except Problem as problem:
            scope["state"]["code"] = problem.code
            await answer(problem)(scope, receive, send)
            if isinstance(problem, Overloaded):
                # The connection is not read until then: refusing those who ask again at once is work, too.
                await asyncio.sleep(COME_BACK_SECONDS)
        except (ClientGone, asyncio.CancelledError) as left:
            await Response(status_code=CLIENT_CLOSED_REQUEST)(scope, receive, send)
            if not isinstance(left, ClientGone):
                raise

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal := scope["state"].get(REFUSAL):
            raise refusal
        request = Request.of(scope)
        address = self.addresses.of(request)
        if asked := self.cors.asked_method(request):
            self.limits.spend_address(LimitClass.ORDINARY, address)
            self.matcher.match(asked, request.path)
            await Response(status_code=204, headers=leave_for(asked))(scope, receive, send)
            return
        rule = self.matcher.match(request.method, request.path)
        scope["state"].update(route=rule.path, cacheable=isinstance(rule.access, Public))
        if rule.service != GATEWAY:
            self.gate.refuse_if_full(rule.service)
        # Before the token is looked at: whoever floods us with forged ones costs no signature check each.
        standing = self.limits.spend_address(rule.limit, address)
        caller = await self._admitted_caller(rule, request, scope["state"].get(PLACE))
        if caller:
            standing = tighter(standing, self.limits.spend_caller(rule.limit, caller))
        if standing:
            send = telling(standing.headers(), send)
        if rule.service == GATEWAY:
            response = await self.own[rule.path](starlette.requests.Request(scope, receive))
            await response(scope, receive, send)
            return
        await self.forward(Admitted(rule, request, caller, address), receive, send)

    async def _admitted_caller(self, rule: Rule, request: Request, place: Place | None) -> Caller | None:
        caller = await self.authenticator.identify(rule, request)
        if caller:
            bind_contextvars(tenant_id=str(caller.tenant_id), user_id=str(caller.subject))
            self.revocations.refuse(caller)
            if place:
                place.prove()
        admit(rule, caller, request)
        return caller


def telling(headers: Headers, send: Send) -> Send:
    """``send``, with these headers on the answer."""
    if not headers:
        return send

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with_headers
