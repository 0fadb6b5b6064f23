"""The way of every request: match, the address's limit, authenticate, revoked?, tenant, permission, limit, forward.

Who keeps the body back is authenticated once more when it has come, up to the permission; and who is answered at
length, or takes it slowly, is watched meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import starlette.requests
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.admit import admit
from gateway.answering import ANSWERING, Answering
from gateway.authenticate.authenticator import Authenticator
from gateway.authenticate.known_caller import KnownCaller
from gateway.client_body import ClientGone
from gateway.cors import Cors, leave_for
from gateway.forward import Admitted, Forwarder
from gateway.limits.client_address import ClientAddresses
from gateway.limits.overload import COME_BACK_SECONDS, Gate, Overloaded
from gateway.limits.rates import Limits, tighter
from gateway.matching import Matcher
from gateway.problems import TooManyRequests, answer
from gateway.request import Request
from gateway.revocations.memory import Revocations
from gateway.routes import GATEWAY
from gateway.rule import LimitClass, Rule
from gateway.server.exchange import WITHDRAWN
from gateway.server.refusals import REFUSAL
from gateway.server.scope import PLACE
from gateway.upstream import AnswerCutShort
from shared.contracts.caller import TenantMismatch
from shared.errors import Problem, Unavailable

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
        answering: Answering = scope["state"][ANSWERING]
        answering.tell(self.cors.headers_for(scope["headers"]))
        try:
            await self._serve(scope, receive, answering)
        except Problem as problem:
            answering.code = problem.code
            if isinstance(problem, TenantMismatch):
                answering.bind_to_log()  # so that the line that tells of it says whose it was
            if isinstance(problem, TooManyRequests):
                answering.standing = problem.standing
            if isinstance(problem, Overloaded) and not self.addresses.is_proxy(scope.get("client")):
                # The connection is not listened to until then: refusing those who ask again at once is work, too.
                # Over one of a proxy's comes somebody else next.
                answering.rest_seconds = COME_BACK_SECONDS
            await answer(problem)(scope, receive, send)
        except AnswerCutShort as cut:
            if not isinstance(cut.__cause__, Problem):
                raise
            answering.code = cut.__cause__.code
            await send({"type": WITHDRAWN})
        except (ClientGone, asyncio.CancelledError) as left:
            await Response(status_code=CLIENT_CLOSED_REQUEST)(scope, receive, send)
            if not isinstance(left, ClientGone):
                raise

    async def _serve(self, scope: Scope, receive: Receive, answering: Answering) -> None:
        if REFUSAL in scope["state"]:
            raise scope["state"].pop(REFUSAL)  # which knows this frame, and the frame the scope
        request = Request.of(scope)
        answering.address = address = self.addresses.of(request)
        if asked := self.cors.asked_method(request):
            self.limits.spend_address(LimitClass.ORDINARY, address)
            self.matcher.match(asked, request.path)
            await Response(status_code=204, headers=leave_for(asked))(scope, receive, answering.send)
            return
        rule = self.matcher.match(request.method, request.path)
        is_public = rule.is_public
        answering.route, answering.cacheable = rule.path, is_public
        if rule.service != GATEWAY:
            self.gate.refuse_if_full(rule.service)
        limit = LimitClass.BULK if rule.exports and request.wants_one_of(rule.exports) else rule.limit
        # Before the token is looked at: whoever floods us with forged ones costs no signature check each.
        answering.standing = standing = self.limits.spend_address(limit, address)
        identify = partial(self._identify, rule, request, answering, scope["state"])
        known = None
        if not is_public:
            known = await identify()
            if known:
                answering.standing = tighter(standing, self.limits.spend_caller(limit, known.caller))
        if rule.service == GATEWAY:
            response = await self.own[rule.path](starlette.requests.Request(scope, receive))
            await response(scope, receive, answering.send)
            return
        admitted = Admitted(rule, request, known, address, identify, partial(self._watch, identify))
        await self.forward(admitted, receive, answering.send)

    async def _identify(
        self, rule: Rule, request: Request, answering: Answering, state: Mapping[str, Any]
    ) -> KnownCaller | None:
        """Who asks, and may at this moment; nobody where no token is needed and none came."""
        guard = self.authenticator
        known = guard.remembered(request) or await guard.identify(request, optional=rule.is_optional)
        if known:
            answering.caller = known
            self.revocations.refuse(known.caller)
            if place := state.get(PLACE):
                place.prove()
        admit(rule, known, request)
        return known

    async def _watch(self, identify: Callable[[], Awaitable[KnownCaller | None]], known: KnownCaller) -> None:
        """Raise what somebody is refused for by now.

        A token that only expires meanwhile was good for all of the answer; and a key was good when auth was last asked
        about it, while it cannot be asked.
        """
        if known.caller.key_id:
            with suppress(Unavailable):
                await identify()
        else:
            self.revocations.refuse(known.caller)
