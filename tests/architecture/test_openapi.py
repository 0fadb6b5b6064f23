"""The document of the whole public surface, from the endpoints as they are."""

from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.openapi.document import merge
from gateway.routes import ROUTES
from gateway.rule import LimitClass
from shared.http.openapi import document
from tests.architecture.test_routes import ENDPOINTS, Key, key

PARTS = {service: document(service, endpoints) for service, endpoints in ENDPOINTS.items()}
DOCUMENT = merge(PARTS, "https://id.company.com")
OPERATIONS: dict[Key, dict[str, Any]] = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_has_every_route_and_nothing_else() -> None:
    described = {_key(where) for where in OPERATIONS}
    assert described == {key(rule) for rule in ROUTES}


def test_every_operation_says_what_it_does_and_what_comes_back() -> None:
    for where, operation in OPERATIONS.items():
        assert operation["summary"].endswith("."), where
        assert "default" in operation["responses"], where
        for status, answer in operation["responses"].items():
            assert answer["description"], where
            assert "content" in answer or status in ("202", "204"), (where, status)


def test_every_limited_operation_tells_its_429() -> None:
    limited = {key(rule) for rule in ROUTES if rule.limit is not LimitClass.UNLIMITED}
    for where, operation in OPERATIONS.items():
        answer = operation["responses"].get("429")
        assert (answer is not None) == (_key(where) in limited), where
        if answer:
            assert "`rate_limited`" in answer["description"]
            assert set(answer["headers"]) == {"Retry-After", "RateLimit", "RateLimit-Policy"}


def test_no_two_operations_have_the_same_id() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert sorted(ids) == sorted(set(ids))


def _key(where: Key) -> Key:
    method, path = where
    return method, "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
