"""Builds the ASGI app of a service from its endpoints."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.contracts.caller import ContextVerifier
from shared.errors import Problem
from shared.http.endpoint import Endpoint, bind
from shared.http.health import Check, health_routes
from shared.http.idempotency import Once
from shared.http.observe import Observe
from shared.http.openapi import document
from shared.http.problems import on_exception, on_http_exception, on_problem


def build_app(  # noqa: PLR0913 - what a service is asked, and what it answers with
    service: str,
    endpoints: Sequence[Endpoint],
    use_cases: Any,
    *,
    verifier: ContextVerifier,
    checks: Mapping[str, Check],
    once: Once | None = None,
) -> ASGIApp:
    """The whole HTTP side of a service: its endpoints, health, metrics and its part of the OpenAPI document.

    ``once`` is what creating endpoints need, to create once per ``Idempotency-Key``.
    """
    described = cache(partial(document, service, endpoints))  # most processes are never asked

    async def openapi(_: Request) -> Response:
        return JSONResponse(described())

    app = Starlette(
        routes=[
            *_routes(endpoints, partial(bind, use_cases=use_cases, verifier=verifier, once=once)),
            *health_routes(checks),
            Route("/openapi.json", openapi),
        ],
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_http_exception,
            ClientDisconnect: _on_disconnect,
            Exception: on_exception,
        },
    )
    app.router.redirect_slashes = False
    return Observe(app, service)


async def _on_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # nobody is there to read it; the number is for the log


Answer = Callable[[Request], Awaitable[Response]]
Bind = Callable[[Endpoint], Answer]


def _routes(endpoints: Sequence[Endpoint], bound: Bind) -> list[Route]:
    """One route per path, so that a wrong method is told every right one (RFC 9110, section 15.5.6)."""
    by_path: dict[str, dict[str, Answer]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = bound(endpoint)
    return [Route(path, _ByMethod(path, answers), methods=list(answers)) for path, answers in by_path.items()]


class _ByMethod:
    """The ASGI app of one path: chooses the endpoint by method, and notes the template for logs and metrics."""

    def __init__(self, path: str, answers: Mapping[str, Answer]) -> None:
        self.path = path
        self.answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["route"] = self.path
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        response = await self.answers[method](Request(scope, receive))
        await response(scope, receive, send)
