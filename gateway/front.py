"""Around every request: its id, its trace, its time, its log line, and an answer even when the app has none."""

import time
from functools import lru_cache

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.answering import ANSWERING, UNMATCHED, Answering
from gateway.request import SAID, Telling, telling
from gateway.routes import GATEWAY
from gateway.secure_headers import SecureHeaders
from shared.durations import Times
from shared.http.access_log import AccessLog
from shared.http.observe import QUIET, SECONDS
from shared.http.problems import on_exception
from shared.http.request_id import REQUEST_ID_HEADER, take_request_id
from shared.trace import TRACE_HEADER, continue_trace

_REQUEST_ID, _TRACE = REQUEST_ID_HEADER.encode(), TRACE_HEADER.encode()

log = structlog.get_logger(__name__)


class Front:
    """Pure ASGI, around everything: what ``shared/http/observe.py`` is for a service, at a fraction of its price."""

    def __init__(self, app: ASGIApp, secure: SecureHeaders, lines: AccessLog) -> None:
        self._app = app
        self._secure = secure
        self._lines = lines
        # As many as there are routes and statuses; to find one by its labels takes longer than to count it.
        self._seconds = lru_cache(maxsize=None)(_labelled)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        state = scope["state"]
        said: Telling = state.get(SAID) or telling(scope["headers"])
        request_id = take_request_id(_first(said, _REQUEST_ID))
        continue_trace(_first(said, _TRACE))
        state[ANSWERING] = answering = Answering(send, self._secure)
        answering.tell(((_REQUEST_ID, request_id.encode()),))
        try:
            await self._app(scope, receive, answering.send)
        except Exception as error:
            answering.bind_to_log()
            log.exception("request failed", error=type(error).__name__)
            if not answering.status:
                answer = await on_exception(Request(scope), error)
                await answer(scope, receive, answering.send)
        finally:
            self._record(scope, answering, time.perf_counter() - began)

    def _record(self, scope: Scope, answering: Answering, seconds: float) -> None:
        route, status = answering.route, answering.status
        method = scope["method"] if route is not UNMATCHED else "any"
        self._seconds(method, route, status).observe(seconds)
        if scope["path"] in QUIET or self._lines.leaves_out(status):
            return
        answering.bind_to_log()
        code = {"code": answering.code} if answering.code else {}
        self._lines.put(
            status,
            method=scope["method"],
            route=route,
            milliseconds=round(seconds * 1000, 1),
            client_address=answering.address or _peer(scope),
            **code,
        )


def _peer(scope: Scope) -> str | None:
    """The other end of the connection: all that is known of who sends what cannot be read."""
    return scope["client"][0] if scope.get("client") else None


def _first(said: Telling, name: bytes) -> str | None:
    values = said.get(name)
    return values[0].decode("latin-1") if values else None


def _labelled(method: str, route: str, status: int) -> Times:
    return SECONDS.labels(GATEWAY, method, route, str(status))
