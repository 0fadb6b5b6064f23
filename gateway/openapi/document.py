"""The OpenAPI 3.1 document of the public surface: the services' own, cut down to what the routes let through."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.health import DatabaseUnavailable
from gateway.inquiry import Inquiry, Remembered
from gateway.openapi.refusals import with_refusals
from gateway.openapi.schemas import merged_schemas, renamed
from gateway.problems import ServiceUnavailable
from gateway.routes import GATEWAY, GROUPS, SERVICES
from gateway.rule import Access, Needs, OptionalCaller, Public, Rule
from shared.http.openapi import RETRY_AFTER, problem_answer, problem_answers

REMEMBERED_SECONDS = 5.0
ACCESS = "x-access"
"""Says in words who may call an operation."""

Document = dict[str, Any]

_OWN = {
    "/health": "The gateway serves.",
    "/livez": "The process answers.",
    "/readyz": "The gateway can do its work: it has the key set and knows who is revoked.",
    "/api/health/db": "The databases of all services.",
    "/openapi.json": "This document.",
    "/docs": "A page to read this document.",
}
_IN_AN_OUTAGE: Document = {
    "/readyz": {
        "503": {
            "description": "It cannot, or not yet; `checks` says what is missing.",
            "headers": RETRY_AFTER,
            "content": {"application/json": {"schema": {}}},
        }
    },
    "/api/health/db": problem_answers([DatabaseUnavailable]),
    "/openapi.json": problem_answers([ServiceUnavailable]),
    "/docs": problem_answers([ServiceUnavailable]),
}


class OpenApi:
    """Puts the document together; afresh every few seconds while it is read, since services are deployed alone."""

    def __init__(self, inquiry: Inquiry, public_url: str) -> None:
        self._inquiry = inquiry
        self._public_url = public_url
        self._merged = Remembered(self._merge, REMEMBERED_SECONDS)

    async def __call__(self, _: Request) -> Response:
        """The document as JSON."""
        return JSONResponse(await self.document())

    async def document(self) -> Document:
        """The document; ``ServiceUnavailable`` while a service does not tell its part."""
        merged = await self._merged.get()
        if merged is None:
            raise ServiceUnavailable
        return merged

    async def _merge(self) -> Document | None:
        try:
            asked = [self._inquiry.ask(service, "/openapi.json") for service in SERVICES]
            parts = dict(zip(SERVICES, await asyncio.gather(*asked), strict=True))
        except ServiceUnavailable:
            return None
        if not all("paths" in part for part in parts.values()):  # a proxy in between says in JSON that nobody is there
            return None
        return merge(parts, self._public_url)


def merge(parts: Mapping[str, Document], public_url: str) -> Document:
    """One document of all routes that have a rule; each operation as its service describes it."""
    schemas, names = merged_schemas(parts)
    offered = {service: _operations(part, names[service]) for service, part in parts.items()}
    offered[GATEWAY] = {_key("GET", path): (path, _own(path, summary)) for path, summary in _OWN.items()}
    paths: dict[str, dict[str, Any]] = {}
    for tag, rules in GROUPS.items():
        for path, rule, operation in _public(rules, offered):
            responses = with_refusals(rule, operation["responses"])
            described = {**operation, "responses": responses, "tags": [tag], **_access(rule.access)}
            paths.setdefault(path, {})[rule.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "SparkNode identity", "version": version("sparknode")},
        "servers": [{"url": public_url}],
        "tags": [{"name": tag} for tag in GROUPS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


Operations = dict[tuple[str, str], tuple[str, Document]]


def _operations(part: Document, names: Mapping[str, str]) -> Operations:
    return {
        _key(method, path): (path, renamed(operation, names))
        for path, methods in part["paths"].items()
        for method, operation in methods.items()
    }


def _key(method: str, path: str) -> tuple[str, str]:
    """How a rule finds its operation: what the services call their path parameters is their business."""
    return method.upper(), re.sub(r"{\w+}", "{}", path)


def _public(rules: Iterable[Rule], offered: Mapping[str, Operations]) -> Iterable[tuple[str, Rule, Document]]:
    for rule in rules:
        if found := offered[rule.service].get(_key(rule.method, rule.path)):
            yield found[0], rule, found[1]


def _own(path: str, summary: str) -> Document:
    name = re.sub(r"\W+", "_", path).strip("_")
    media_type = "text/html" if path == "/docs" else "application/json"
    answer = {"description": summary, "content": {media_type: {"schema": {}}}}
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": answer, **_IN_AN_OUTAGE.get(path, {}), "default": problem_answer("Any other failure.")},
    }


def _access(access: Access) -> Document:
    """What the gateway asks for, whatever the service's document says."""
    bearer: Document = {"bearer": []}
    match access:
        case Public():
            return {"security": [], ACCESS: "anyone"}
        case OptionalCaller():
            return {"security": [{}, bearer], ACCESS: "anyone; a token is looked at"}
        case Needs(permission):
            return {"security": [bearer], ACCESS: f"needs {permission}"}
        case _:
            return {"security": [bearer], ACCESS: "signed in"}
