"""A service's part of the OpenAPI 3.1 document, from its endpoints."""

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.contracts.domains import InvalidDomain
from shared.contracts.email import InvalidEmail
from shared.errors import NotFound, Problem
from shared.http import idempotency
from shared.http.body import InvalidRequest
from shared.http.endpoint import Endpoint
from shared.http.problems import MEDIA_TYPE, BodyTooLarge, MalformedBody, UnsupportedMediaType, status_of

Headers = dict[str, dict[str, Any]]

_REF = "#/components/schemas/{model}"
_OF_BODIES: tuple[type[Problem], ...] = (MalformedBody, UnsupportedMediaType, BodyTooLarge)
_OF_FORMATS: Mapping[str, type[Problem]] = {"email": InvalidEmail, "idn-hostname": InvalidDomain}
"""Formats of texts that are refused with a code of their own."""

PATH_TEXT = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"
"""What stands in a path without being encoded, which nothing in a path may be."""

RETRY_AFTER: Headers = {
    "Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer", "minimum": 0}}
}
_HEADERS: Mapping[int, Headers] = {
    401: {"WWW-Authenticate": {"description": "`Bearer`", "required": True, "schema": {"type": "string"}}},
    429: RETRY_AFTER,
    503: RETRY_AFTER,
}
"""What comes with every problem of a status."""

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is stable, `detail` is for people.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def document(title: str, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """All endpoints that are not internal, with the schemas of their bodies and answers."""
    public = [endpoint for endpoint in endpoints if not endpoint.internal]
    references, schemas = _schemas(public)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in public:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, title, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM_SCHEMA, **schemas},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


Key = tuple[type[Any], JsonSchemaMode]


def _schemas(endpoints: Iterable[Endpoint]) -> tuple[dict[Key, Any], dict[str, Any]]:
    wanted: dict[Key, None] = {}
    for endpoint in endpoints:
        if endpoint.signature.body:
            wanted[endpoint.signature.body, "validation"] = None
        for answer in endpoint.answers.values():
            if answer:
                wanted[answer, "serialization"] = None
        for members in endpoint.extensions.values():
            wanted[members, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return dict(references), definitions.get("$defs", {})


def _operation(endpoint: Endpoint, tag: str, references: dict[Key, Any]) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(endpoint.handle) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": endpoint.handle.__name__,
        "tags": [tag],
        "summary": summary,
        "responses": _responses(endpoint, references),
    }
    if description:
        operation["description"] = description
    if parameters := _path_parameters(endpoint) + _query_parameters(endpoint) + _key_parameter(endpoint):
        operation["parameters"] = parameters
    if body := endpoint.signature.body:
        schema = references[body, "validation"]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if endpoint.signature.caller:
        optional: list[dict[str, list[str]]] = [{}] if endpoint.signature.caller_optional else []
        operation["security"] = [*optional, {"bearer": []}]
    return operation


def _responses(endpoint: Endpoint, references: dict[Key, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, answer in sorted(endpoint.answers.items()):
        responses[str(status)] = {"description": _first_line(answer) if answer else "Done."}
        if answer:
            schema = references[answer, "serialization"]
            content = {"application/json": {"schema": schema}}
            if status == HTTPStatus.OK:
                content |= {media_type: {"schema": {"type": "string"}} for media_type in endpoint.exports}
            responses[str(status)]["content"] = content
    responses |= problem_answers((*endpoint.problems, *_of_request(endpoint)))
    for status, members in endpoint.extensions.items():
        told = responses[str(status)]["content"][MEDIA_TYPE]
        told["schema"] = {"allOf": [told["schema"], references[members, "serialization"]]}
    return responses | {"default": problem_answer("Any other failure.")}


def _of_request(endpoint: Endpoint) -> Iterable[type[Problem]]:
    """What may be wrong with a request, whatever it asks for."""
    wants = endpoint.signature
    models = [model for model in (wants.body, wants.query) if model]
    if endpoint.creates:
        yield from idempotency.PROBLEMS
    if wants.body:
        yield from _OF_BODIES
    if models:
        yield InvalidRequest
    if UUID in wants.path.values():
        yield NotFound
    described = json.dumps([model.model_json_schema() for model in models])
    yield from (problem for name, problem in _OF_FORMATS.items() if f'"format": "{name}"' in described)


def problem_answers(problems: Iterable[type[Problem]]) -> dict[str, Any]:
    """The responses that tell ``problems``, by status, each with its codes."""
    codes: dict[int, set[str]] = {}
    for problem in problems:
        codes.setdefault(status_of(problem), set()).add(problem.code)
    return {
        str(status): problem_answer(" · ".join(f"`{code}`" for code in sorted(told)))
        | ({"headers": _HEADERS[status]} if status in _HEADERS else {})
        for status, told in sorted(codes.items())
    }


def problem_answer(description: str) -> dict[str, Any]:
    """A response whose body is a problem."""
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
    }


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _path_schema(endpoint.signature.path.get(name)),
        }
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]


def _path_schema(kind: type | None) -> dict[str, str]:
    return {"type": "string"} | ({"pattern": PATH_TEXT} if kind is str else {"format": "uuid"})


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if not endpoint.signature.query:
        return []
    schema = endpoint.signature.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _not_null(_inlined(part, schema.get("$defs", {}))),
        }
        for name, part in schema["properties"].items()
    ]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What a query can say: a parameter may be left out, and there is no way to write null."""
    given = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    rest = {name: part for name, part in schema.items() if name != "anyOf" and (name, part) != ("default", None)}
    return rest | (given[0] if len(given) == 1 else {"anyOf": given} if given else {})


def _key_parameter(endpoint: Endpoint) -> list[dict[str, Any]]:
    if not endpoint.creates:
        return []
    described = "For 24 hours the same key with the same body gets the first answer again, and creates nothing anew."
    schema = {
        "type": "string",
        "minLength": 1,
        "maxLength": idempotency.LONGEST_KEY,
        "pattern": idempotency.KEY_PATTERN,
    }
    return [{"name": idempotency.HEADER, "in": "header", "required": False, "description": described, "schema": schema}]


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        if reference := part.get("$ref"):
            return definitions[reference.rpartition("/")[2]]
        return {name: _inlined(inner, definitions) for name, inner in part.items()}
    return [_inlined(inner, definitions) for inner in part] if isinstance(part, list) else part


def _first_line(model: type[BaseModel]) -> str:
    return (inspect.getdoc(model) or model.__name__).partition("\n")[0]
