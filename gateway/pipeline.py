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
from gateway.forward import Admitted, Forwarder
from gateway.limits import Limits, tighter
from gateway.matching import Matcher
from gateway.problems import answer
from gateway.request import Headers, Request
from gateway.revocations import Revocations
from gateway.routes import GATEWAY
from gateway.rule import Rule
from gateway.server.refusals import REFUSAL
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
    own: Mapping[str, OwnHandler]
    forward: Forwarder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._serve(scope, receive, send)
        except Problem as problem:
            await answer(problem)(scope, receive, send)
        except (ClientGone, asyncio.CancelledError) as left:
            await Response(status_code=CLIENT_CLOSED_REQUEST)(scope, receive, send)
            if not isinstance(left, ClientGone):
                raise

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal := scope["state"].get(REFUSAL):
            raise refusal
        request = Request.of(scope)
        rule = self.matcher.match(request.method, request.path)
        scope["state"]["route"] = rule.path
        address = self.addresses.of(request)
        # Before the token is looked at: whoever floods us with forged ones costs no signature check each.
        standing = self.limits.spend_address(rule.limit, address)
        caller = await self._admitted_caller(rule, request)
        if caller:
            standing = tighter(standing, self.limits.spend_caller(rule.limit, caller))
        if standing:
            send = telling(standing.headers(), send)
        if rule.service == GATEWAY:
            response = await self.own[rule.path](starlette.requests.Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self.forward(Admitted(rule, request, caller, address), receive, send)

    async def _admitted_caller(self, rule: Rule, request: Request) -> Caller | None:
        caller = await self.authenticator.identify(rule, request)
        if caller:
            bind_contextvars(tenant_id=str(caller.tenant_id), user_id=str(caller.subject))
            self.revocations.refuse(caller)
        admit(rule, caller, request)
        return caller


def telling(headers: Headers, send: Send) -> Send:
    """``send``, with these headers on the answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with_headers
