"""docs/api.md has every route and no other, what is sent there, and every code that one of them may answer."""

import re
from pathlib import Path
from typing import Any

from gateway.routes import MAILBOX, METRICS, ROUTES
from tests.architecture.test_openapi import DOCUMENT, OPERATIONS
from tests.architecture.test_routes import Key, key

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
NAMED: set[Key] = {
    (method, re.sub(r"{\w+}", "{}", path)) for method, path in re.findall(r"`(GET|POST|PATCH|DELETE) (/[^`?\s]*)", TEXT)
}


def test_it_names_every_route_and_no_other() -> None:
    assert {key(rule) for rule in ROUTES} - NAMED == set()
    assert NAMED - {key(rule) for rule in (*ROUTES, *METRICS, *MAILBOX)} == set()


def test_it_names_the_members_of_every_body() -> None:
    """All but `cookie`, of which it says once what it is good for."""
    told = {
        (method, re.sub(r"{\w+}", "{}", path)): dict(re.findall(r'"(\w+)"(\??)', re.sub(r":\[.*?\]", "", body)))
        for method, path, body in re.findall(r"`(POST|PATCH) (/\S*)` `({.*?})`", TEXT)
    }
    assert told == {
        (method, re.sub(r"{\w+}", "{}", path)): members(operation["requestBody"])
        for (method, path), operation in OPERATIONS.items()
        if "requestBody" in operation
    }


def members(body: dict[str, Any]) -> dict[str, str]:
    """Those of a request body, with a question mark for who may be left out."""
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = DOCUMENT["components"]["schemas"][name]
    return {
        member: "" if member in schema.get("required", []) else "?"
        for member in schema["properties"]
        if member != "cookie"
    }


def test_it_names_every_code() -> None:
    told = {
        code
        for operation in OPERATIONS.values()
        for status, answer in operation["responses"].items()
        if status.isdecimal() and status >= "400"
        for code in re.findall(r"`(\w+)`", answer["description"])
    }
    assert told - set(re.findall(r"`(\w+)`", TEXT)) == set()
