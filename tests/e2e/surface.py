"""The public surface as its own OpenAPI document describes it, with a request in good form for each of its routes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.routes import ROUTES
from gateway.rule import Rule
from shared.contracts.tenancy import PLATFORM_TENANT_ID
from tests.e2e.support import PASSWORD

Json = dict[str, Any]

SOME_ID = "019a0000-0000-7000-8000-00000000abcd"
PATH_SAMPLES: Mapping[str, str] = {"domain": "nowhere.example"}
"""Parameters that are no ids."""

SAMPLES: dict[str, Any] = {
    "email": "somebody@nowhere.example",
    "password": PASSWORD,
    "current_password": "not the password 9",
    "name": "Somebody",
    "token": "a-token-that-nobody-was-ever-given-0123456789",
    "invitation_token": "a-token-that-nobody-was-ever-given-0123456789",
    "refresh_token": "a-token-that-nobody-was-ever-given-0123456789",
    "tenant_id": str(PLATFORM_TENANT_ID),  # of the operator, who may do anything
    "role": "member",
    "message": "Welcome!",
    "expires_in_days": 7,
    "slug": "somewhere",
    "owner_email": "owner@nowhere.example",
    "domain": "nowhere.example",
    "mode": "manual",
    "include_subdomains": False,
    "domains": [{"domain": "nowhere.example", "mode": "automatic"}],
    "settings": {
        "self_sign_up": True,
        "default_role": "member",
        "session_days": 30,
        "session_idle_days": 14,
        "display_name": "Somewhere",
        "sign_in_methods": ["password"],
    },
    "action": "membership.created",
    "actor": "system",
    "since": "2026-01-01T00:00:00Z",
    "until": "2026-01-02T00:00:00Z",
    "keep_current": True,
    "cookie": False,
    "scopes": ["users:read"],
    "expires_at": "2040-01-01T00:00:00Z",
    "limit": 10,
    "q": "some",
    "status": "pending",
    "delivery": "queued",
}
"""What could stand in a request under each name; what a document names and is not here fails the run."""

IN_BODIES: dict[str, Any] = {"status": "active"}
"""Where a body wants something else under the same name."""

UNSAMPLED = {"cursor"}
"""Only made by a server, for one list."""


def in_body(name: str) -> Any:
    """What could stand in a body under that name."""
    return IN_BODIES.get(name, SAMPLES[name])


@dataclass(frozen=True, slots=True)
class Operation:
    """A rule, what its request may hold, by name, and what must be there."""

    rule: Rule
    body: Mapping[str, Json] | None
    required: frozenset[str]
    query: Mapping[str, Json]
    instead: frozenset[str]
    """Members that may come in the place of another one only."""
    answers: Mapping[str, str]
    """What is told of each status that there is a word about."""
    path: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.path_with(lambda name: PATH_SAMPLES.get(name, SOME_ID)))

    def __str__(self) -> str:
        return f"{self.rule.method} {self.rule.path}"

    def path_with(self, value: Callable[[str], str]) -> str:
        """The rule's path, with a value for each of its parameters."""
        return re.sub(r"{(\w+)}", lambda parameter: value(parameter[1]), self.rule.path)

    def good_body(self) -> Json | None:
        """A body in good form, with all members that there may be together."""
        if self.body is None:
            return None
        return {name: in_body(name) for name in self.body if name not in self.instead}

    def tells_of(self, status: int, code: str) -> bool:
        """Whether a client that has read the document knows that answer."""
        return f"`{code}`" in self.answers.get(str(status), "")

    def request(self, **other: Any) -> Json:
        """A request in good form for any client of httpx, but for what is ``other``."""
        query = {name: SAMPLES[name] for name in self.query if name not in UNSAMPLED}
        return {"method": self.rule.method, "url": self.path, "params": query, "json": self.good_body()} | other


def surface(document: Json) -> tuple[Operation, ...]:
    """An operation for each route, from the document that the gateway publishes."""
    schemas = document["components"]["schemas"]
    described = {
        (method.upper(), _key(path)): _inlined(operation, schemas)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    return tuple(_operation(rule, described[rule.method, _key(rule.path)]) for rule in ROUTES)


def _operation(rule: Rule, described: Json) -> Operation:
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    body = content["schema"] if content else {}
    query = [each for each in described.get("parameters", ()) if each["in"] == "query"]
    required = {*body.get("required", ()), *(each["name"] for each in query if each["required"])}
    return Operation(
        rule,
        body["properties"] if content else None,
        frozenset(required),
        {each["name"]: each["schema"] for each in query},
        frozenset(body.get("not", {}).get("required", ())[1:]),
        {status: answer["description"] for status, answer in described["responses"].items()},
    )


def _key(path: str) -> str:
    """What makes two paths one; names of parameters do not."""
    return re.sub(r"{\w+}", "{}", path)


def _inlined(part: Any, schemas: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(each, schemas) for each in part]
    if not isinstance(part, dict):
        return part
    if reference := part.get("$ref"):
        return _inlined(schemas[reference.rpartition("/")[2]], schemas)
    return {name: _inlined(each, schemas) for name, each in part.items()}
