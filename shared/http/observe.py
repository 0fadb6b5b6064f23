"""Around every request: its id, its trace, its log line, its time, and an answer even when the app has none."""

import time
from functools import lru_cache

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from shared.durations import Durations, Times
from shared.http.access_log import AccessLog
from shared.http.client_info import Client
from shared.http.problems import on_exception
from shared.http.request_id import REQUEST_ID_HEADER, take_request_id
from shared.trace import TRACE_HEADER, continue_trace

SECONDS = Durations(
    "http_request_seconds",
    "Time from a request's headers to the end of its answer",
    ("service", "method", "route", "status"),
)
_REQUEST_ID, _TRACE = REQUEST_ID_HEADER.encode(), TRACE_HEADER.encode()
QUIET = frozenset({"/livez", "/readyz", "/metrics", "/health"})

log = structlog.get_logger(__name__)


class Observe:
    """Pure ASGI; the outermost layer of every app."""

    def __init__(self, app: ASGIApp, service: str, lines: AccessLog | None = None) -> None:
        self.app = app
        self.service = service
        self.lines = lines or AccessLog()
        # As many as there are routes and statuses; to find one by its labels takes longer than to count it.
        self._seconds = lru_cache(maxsize=None)(self._labelled)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        request_id = _begun(scope)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [header for header in message["headers"] if header[0] != _REQUEST_ID]
                message["headers"] = [*headers, (_REQUEST_ID, request_id)]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            log.exception("request failed", error=type(error).__name__)
            if not status:
                answer = await on_exception(Request(scope), error)
                await answer(scope, receive, send_with_id)
        finally:
            self._record(scope, status, time.perf_counter() - started)

    def _labelled(self, method: str, route: str, status: int) -> Times:
        return SECONDS.labels(self.service, method, route, str(status))

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope.get("state", {})
        route = state.get("route", "unmatched")
        method = scope["method"] if route != "unmatched" else "any"
        self._seconds(method, route, status).observe(seconds)
        if scope["path"] not in QUIET and not self.lines.leaves_out(status):
            self.lines.put(
                status,
                method=scope["method"],
                route=route,
                milliseconds=round(seconds * 1000, 1),
                client_address=Client.of(Request(scope)).address,
                **({"code": state["code"]} if "code" in state else {}),
            )


def _begun(scope: Scope) -> bytes:
    """Make the request's id and trace the current ones; the id."""
    received = received_trace = None
    for name, value in scope["headers"]:
        if name == _REQUEST_ID and received is None:
            received = value.decode("latin-1")
        elif name == _TRACE and received_trace is None:
            received_trace = value.decode("latin-1")
    request_id = take_request_id(received)
    continue_trace(received_trace)
    # Bound for good: the server has each request in a task, and so in a context, of its own.
    bind_contextvars(request_id=request_id)
    return request_id.encode()
