"""The page at /docs: the OpenAPI document, laid out for reading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway.openapi.document import ACCESS, Document, OpenApi
from gateway.pages.rendering import page

_REFERENCE = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a body, or one parameter. ``kind`` is in words, ``schema`` the name of a schema to look up."""

    name: str
    kind: str
    schema: str | None
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back under one status."""

    status: str
    description: str
    schema: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as the page shows it."""

    id: str
    method: str
    path: str
    access: str
    summary: str
    description: str
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]


class Docs:
    """Shows what ``openapi`` says just now."""

    def __init__(self, openapi: OpenApi) -> None:
        self._openapi = openapi

    async def __call__(self, _: Request) -> Response:
        """The page."""
        document = await self._openapi.document()
        schemas = document["components"]["schemas"]
        return page(
            "docs.html.j2",
            info=document["info"],
            server=document["servers"][0]["url"],
            groups={tag["name"]: list(_operations(document, tag["name"])) for tag in document["tags"]},
            schemas={name: (schema, _members(schema)) for name, schema in sorted(schemas.items())},
        )


def _operations(document: Document, tag: str) -> Iterator[Operation]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield _operation(method, path, operation, schemas)


def _operation(method: str, path: str, operation: Document, schemas: Mapping[str, Any]) -> Operation:
    body = _json_schema(operation.get("requestBody", {}))
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        access=operation[ACCESS],
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=[_field(p["name"], p["schema"], p.get("required", False)) for p in operation.get("parameters", [])],
        body=_members(schemas.get(_name_of(body) or "", body)),
        answers=[
            Answer(status, answer["description"], _name_of(_json_schema(answer)))
            for status, answer in operation["responses"].items()
        ],
    )


def _json_schema(part: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _members(schema: Mapping[str, Any]) -> list[Field]:
    required = schema.get("required", ())
    return [_field(name, member, name in required) for name, member in schema.get("properties", {}).items()]


def _field(name: str, schema: Mapping[str, Any], required: bool) -> Field:
    parts = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
    referenced = next((found for part in parts if (found := _name_of(part))), None)
    return Field(name, _kind(schema), referenced, required, schema.get("description", ""))


def _kind(schema: Mapping[str, Any]) -> str:
    if name := _name_of(schema):
        return name
    if "anyOf" in schema:
        return " or ".join(_kind(choice) for choice in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " · ".join(map(str, schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kinds = schema.get("type", "any")
    kind = kinds if isinstance(kinds, str) else " or ".join(kinds)
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _name_of(schema: Mapping[str, Any]) -> str | None:
    reference = schema.get("$ref")
    return reference.removeprefix(_REFERENCE) if isinstance(reference, str) else None
