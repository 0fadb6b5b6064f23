"""docs/api.md has every route and no other, and every code that one of them may answer."""

import re
from pathlib import Path

from gateway.routes import MAILBOX, METRICS, ROUTES
from tests.architecture.test_openapi import OPERATIONS
from tests.architecture.test_routes import Key, key

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
NAMED: set[Key] = {
    (method, re.sub(r"{\w+}", "{}", path)) for method, path in re.findall(r"`(GET|POST|PATCH|DELETE) (/[^`?\s]*)", TEXT)
}


def test_it_names_every_route_and_no_other() -> None:
    assert {key(rule) for rule in ROUTES} - NAMED == set()
    assert NAMED - {key(rule) for rule in (*ROUTES, *METRICS, *MAILBOX)} == set()


def test_it_names_every_code() -> None:
    told = {
        code
        for operation in OPERATIONS.values()
        for status, answer in operation["responses"].items()
        if status.isdecimal() and status >= "400"
        for code in re.findall(r"`(\w+)`", answer["description"])
    }
    assert told - set(re.findall(r"`(\w+)`", TEXT)) == set()
