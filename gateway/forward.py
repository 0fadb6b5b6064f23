"""Passes an admitted request to its service and the answer back, both as streams."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from starlette.types import Receive, Send

from gateway.authenticate.known_caller import KnownCaller
from gateway.client_body import ClientBody
from gateway.contexts import Contexts
from gateway.headers import refresh_cookie, to_client, to_service
from gateway.limits.overload import Gate
from gateway.metrics import UPSTREAM_FAILURES, UPSTREAM_SECONDS
from gateway.problems import ServiceUnavailable
from gateway.request import Request
from gateway.rule import Rule
from gateway.server.exchange import WHOLE
from gateway.upstream import AnswerCutShort, Question, Upstream
from shared.contracts.caller import CONTEXT_HEADER
from shared.errors import Problem
from shared.http.client_info import ADDRESS_HEADER
from shared.http.request_id import REQUEST_ID_HEADER, current_request_id
from shared.trace import TRACE_HEADER, current_trace

_CONTEXT, _ADDRESS = CONTEXT_HEADER.encode(), ADDRESS_HEADER.encode()
_REQUEST_ID, _TRACE = REQUEST_ID_HEADER.encode(), TRACE_HEADER.encode()


LOOK_AGAIN_SECONDS = 1.0
"""How often those are looked at who are still being answered."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may pass: by which rule, for whom, from where.

    ``identify`` tells once more who asks; ``watch`` raises the ``Problem`` of somebody known who may not any more.
    """

    rule: Rule
    request: Request
    known: KnownCaller | None
    address: str
    identify: Callable[[], Awaitable[KnownCaller | None]]
    watch: Callable[[KnownCaller], Awaitable[None]]


Watch = Callable[[], Awaitable[None]]


class Forwarder:
    """The way to the services."""

    def __init__(self, upstreams: Mapping[str, Upstream], contexts: Contexts, gate: Gate) -> None:
        self._upstreams = upstreams
        self._contexts = contexts
        self._gate = gate
        # To find one by its label takes longer than to count it.
        self._seconds = {service: UPSTREAM_SECONDS.labels(service) for service in upstreams}

    async def __call__(self, admitted: Admitted, receive: Receive, send: Send) -> None:
        """Answer with what the service answers.

        Problems are raised only before the answer has begun; ``Overloaded`` when there is no place for the request once
        all of it is there. Afterwards it is ``AnswerCutShort``, also for a client who may not see the rest any more.
        Cancelled because the client hung up, it breaks off the service's work, too.
        """
        rule, request, known = admitted.rule, admitted.request, admitted.known
        body, length = None, None
        if request.has_body:
            sent = ClientBody(request, rule.body_limit, receive)
            body, length = await sent.content(whole=not rule.streams), request.body_length or None
            if sent.was_awaited and known:
                # A client may take its time with the body, and be somebody who was removed meanwhile.
                known = await admitted.identify()
        headers = to_service(request.headers, self._our_word(admitted, known))
        if rule.cookie:
            headers += refresh_cookie(request.headers)
        question = Question(request.method, request.target, headers, body, length, rule.patience, rule.may_repeat)
        self._gate.enter(rule.service)
        try:
            await self._exchange(rule, question, send, partial(admitted.watch, known) if known else None)
        finally:
            self._gate.leave(rule.service)

    async def _exchange(self, rule: Rule, question: Question, send: Send, watch: Watch | None) -> None:
        began = time.perf_counter()
        try:
            reply = await self._upstreams[rule.service].ask(question)
        except ServiceUnavailable:
            UPSTREAM_FAILURES.labels(rule.service).inc()
            raise
        try:
            self._seconds[rule.service].observe(time.perf_counter() - began)
            headers = to_client(reply.headers, cookie=rule.cookie)
            start = {"type": "http.response.start", "status": reply.status, "headers": headers}
            if (whole := reply.at_hand()) is not None:
                await send(start | {WHOLE: whole})
                return
            await send(start)
            more, looked_at = True, began
            while more:
                piece = await reply.read()
                if watch and time.perf_counter() >= looked_at + LOOK_AGAIN_SECONDS:
                    await watch()
                    looked_at = time.perf_counter()
                more = not reply.is_complete
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        except Problem as problem:  # of the client, or of its body; there is no second answer to one request
            raise AnswerCutShort from problem
        finally:
            reply.close()

    def _our_word(self, admitted: Admitted, known: KnownCaller | None) -> list[tuple[bytes, bytes]]:
        told = [
            (_CONTEXT, self._contexts.of(known, admitted.rule.service)),
            (_ADDRESS, admitted.address.encode()),
        ]
        if request_id := current_request_id():
            told.append((_REQUEST_ID, request_id.encode()))
        if trace := current_trace():
            told.append((_TRACE, trace.encode()))
        return told
