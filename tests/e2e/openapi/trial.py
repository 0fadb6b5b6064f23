"""Schemathesis as these tests use it: a document goes in, and what does not hold comes out."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, events, from_schema
from schemathesis.generation.meta import CoverageScenario
from schemathesis.openapi.checks import RejectedPositiveData

Json = dict[str, Any]
Sign = Callable[[Any], None]

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "2"))
"""How many requests are made up for each operation, beside those that try each rule of its description once."""

LONGEST_SHOWN = 500
STEPS = 3
"""How long a chain of requests gets in which each takes from the answers before."""

# JSON Schema has no words for what is printable, or where mail can be sent to. tests/unit has these rules.
TEXTS = frozenset({"name", "email", "owner_email", "message", "domain", "settings.display_name"})


@dataclass(slots=True)
class Found:
    """What does not hold, and how often each status was the answer, by operation."""

    failures: list[str] = field(default_factory=list)
    answers: dict[str, Counter[int]] = field(default_factory=dict)


def described_by(document: Json, base_url: str, sign: Sign | None = None) -> Any:
    """``document`` in the hands of schemathesis: the same requests each time, all phases, all checks."""
    schema = schemathesis.openapi.from_dict(_strict(document), config=SchemathesisConfig(seed=1))
    schema.config.update(base_url=base_url)
    # A text with a NUL is refused everywhere, which no schema says: tests/e2e/test_bad_input.py tries it.
    schema.config.generation.update(
        max_examples=EXAMPLES, deterministic=True, database="none", no_shrink=True, allow_x00=False
    )
    schema.config.phases.stateful.max_steps = STEPS
    # All but the right ones are tried there, too, on every path.
    schema.config.phases.coverage.unexpected_methods = set()

    @schema.auth(refresh_interval=None)
    class Bearer:
        def get(self, case: Any, context: Any) -> str:
            return "signed"

        def set(self, case: Any, data: str, context: Any) -> None:
            if sign and not is_tried_elsewhere(case):
                sign(case)

    @schema.hook
    def filter_case(context: Any, case: Any) -> bool:
        return not is_tried_elsewhere(case)

    @schema.hook
    def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
        return not (isinstance(failure, RejectedPositiveData) and is_beyond_a_schema(case.operation.label, response))

    return schema


def is_tried_elsewhere(case: Any) -> bool:
    """Whether a value has the wrong type, four requests in ten.

    tests/e2e/test_bad_input.py tries them all in each place, and holds the answers to the document.
    """
    rule = case.meta.phase.data if case.meta else None
    return getattr(rule, "scenario", None) is CoverageScenario.INCORRECT_TYPE


def is_beyond_a_schema(label: str, response: Any) -> bool:
    """Whether a request in good form was refused by a rule of the product that a JSON Schema cannot say.

    Such rules have codes of their own: a link that was used, a password that is common, a cursor of another list.
    """
    told = json.loads(response.content)
    if told["code"] not in ("invalid_request", "malformed_body"):
        return True
    if label == "POST /api/auth/refresh":
        return True  # without a token in the body there must be one in the cookie
    blamed = {error["field"] for error in told.get("errors", ())}
    return bool(blamed) and all(name in TEXTS or name.startswith("domains") for name in blamed)


def _strict(document: Json) -> Json:
    """The document without its ``default`` answers, under which any status would do."""

    def described(operation: Json) -> Json:
        answers = {status: answer for status, answer in operation["responses"].items() if status != "default"}
        return {**operation, "responses": answers}

    paths = {
        path: {method: described(operation) for method, operation in methods.items()}
        for path, methods in document["paths"].items()
    }
    return {**document, "paths": paths}


def tried(schema: Any) -> Found:
    """Try all operations of ``schema``."""
    found = Found()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(found, event)
        elif isinstance(event, events.NonFatalError):
            found.failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _note(found: Found, event: events.ScenarioFinished) -> None:
    told = event.recorder
    for case_id, asked in told.interactions.items():
        if asked.response:
            operation = told.cases[case_id].value.operation
            found.answers.setdefault(operation.label, Counter())[asked.response.status_code] += 1
            if complaint := _undocumented_code(operation, asked.response):
                found.failures.append(f"{operation.label}: {complaint}")
    for case_id, checks in told.checks.items():
        label = told.cases[case_id].value.operation.label
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info:
                said = f"{label}: {check.name}: {check.failure_info.failure.message}"
                found.failures.append(f"{said}\n{_exchange(told.interactions[case_id])}")


def _exchange(asked: Any) -> str:
    request, response = asked.request, asked.response
    said = (response.status_code, response.content[:LONGEST_SHOWN]) if response else None
    return f"{request.method} {request.uri} {(request.body or b'')[:LONGEST_SHOWN]!r}\n{said}"


def _undocumented_code(operation: Any, response: Any) -> str | None:
    """A problem whose code its status does not name; 405 is no answer of an operation."""
    if response.status_code < 400 or response.status_code == 405:
        return None
    code = json.loads(response.content)["code"]
    described = operation.definition.raw["responses"].get(str(response.status_code), {"description": ""})
    return None if f"`{code}`" in described["description"] else f"{response.status_code} `{code}` is not described"
