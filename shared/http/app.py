"""Builds the ASGI app of a service from its endpoints."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.contracts.caller import ContextVerifier
from shared.http.access_log import AccessLog
from shared.http.endpoint import Endpoint, bind
from shared.http.health import Check, health_routes
from shared.http.idempotency import Once
from shared.http.observe import Observe
from shared.http.openapi import document
from shared.http.routing import Answer, Place, Routes


def build_app(  # noqa: PLR0913 - what a service is asked, and what it answers with
    service: str,
    endpoints: Sequence[Endpoint],
    use_cases: Any,
    *,
    verifier: ContextVerifier,
    checks: Mapping[str, Check],
    beside: Mapping[str, Check] | None = None,
    once: Once | None = None,
    lines: AccessLog | None = None,
) -> ASGIApp:
    """The whole HTTP side of a service: its endpoints, health, metrics and its part of the OpenAPI document.

    ``once`` is what creating endpoints need, to create once per ``Idempotency-Key``. Without ``lines`` each request
    leaves a line in the log.
    """
    described = cache(partial(document, service, endpoints))  # most processes are never asked

    async def openapi(_: Request) -> Response:
        return JSONResponse(described())

    asked_by_machines = [*health_routes(checks, beside), Route("/openapi.json", openapi)]
    places = [
        *_places(endpoints, partial(bind, use_cases=use_cases, verifier=verifier, once=once)),
        *(Place(route.path, {"GET": route.endpoint}) for route in asked_by_machines),
    ]
    return Observe(Routes(places), service, lines)


def _places(endpoints: Sequence[Endpoint], bound: Callable[[Endpoint], Answer]) -> list[Place]:
    """One per path, so that a wrong method is told every right one (RFC 9110, section 15.5.6)."""
    by_path: dict[str, dict[str, Answer]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = bound(endpoint)
    return [Place(path, answers) for path, answers in by_path.items()]
