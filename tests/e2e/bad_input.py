"""Everything that can be wrong with a request, made for each operation from its own description."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.e2e.bad_values import (
    AMBIGUOUS_PATH_VALUES,
    BODY_LIMIT,
    CURSORS,
    LONG,
    MALFORMED,
    MEDIA_TYPES,
    NOT_AN_OBJECT,
    ODD_EMAILS,
    ODD_INTEGERS,
    OF_TYPE,
    PATH_VALUES,
    UNKNOWN_MEMBERS,
)
from tests.e2e.surface import SOME_ID, Json, Operation, in_body

JSON = "application/json"

Answer = tuple[int, str]
UNPROCESSABLE = tuple((422, code) for code in ("invalid_request", "invalid_email", "invalid_domain", "weak_password"))
# What there is none of, each kind of thing in its own words.
NOWHERE = tuple(
    (404, code)
    for code in (
        "not_found",
        "user_not_found",
        "invitation_not_found",
        "tenant_not_found",
        "session_not_found",
        "domain_not_found",
        "api_key_not_found",
    )
)
JUST_NOT_RIGHT = (
    (401, "invalid_credentials"),
    (403, "wrong_password"),
    (429, "too_many_attempts"),
    (410, "invalid_token"),
)
"""A text of any length may be tried where it is only compared."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A request with one thing wrong; ``answers`` are the right ones, naming ``member`` if there is one to blame.

    The document tells of them under the operation, if that was reached.
    """

    what: str
    request: Json
    answers: tuple[Answer, ...]
    member: str | None = None
    reached: bool = True


def bad_requests(operation: Operation) -> Iterator[Bad]:
    """All that is to be tried on one operation."""
    too_large = _raw(operation, "a body beyond the limit", b"x" * (BODY_LIMIT + 1), (413, "body_too_large"))
    yield replace(too_large, reached=operation.body is not None)
    if operation.body is not None:
        yield from _bodies(operation)
        for name, schema in operation.body.items():
            yield from _members(operation, name, schema)
    for name, schema in operation.query.items():
        yield from _queries(operation, name, schema)
    if "{" in operation.rule.path:
        yield from _paths(operation)


def _bodies(operation: Operation) -> Iterator[Bad]:
    for what, content in MALFORMED.items():
        yield _raw(operation, what, content, (400, "malformed_body"))
    for what, content in NOT_AN_OBJECT.items():
        yield _raw(operation, what, content, (422, "invalid_request"))
    for media_type in MEDIA_TYPES:
        yield _raw(operation, f"sent as {media_type!r}", b"{}", (415, "unsupported_media_type"), media_type)
    for name, value in UNKNOWN_MEMBERS.items():
        yield _with(operation, name, value)


def _members(operation: Operation, name: str, schema: Json) -> Iterator[Bad]:
    good = operation.good_body() or {}
    if name in operation.required:
        without = {other: value for other, value in good.items() if other != name}
        yield Bad(f"no {name}", operation.request(json=without), UNPROCESSABLE, name)
    for value in wrong_values(schema, in_body(name)):
        yield _with(operation, name, value)
    if "string" in types_of(schema):
        yield Bad(f"{name} with a NUL", operation.request(json=good | {name: f"{in_body(name)}\0"}), UNPROCESSABLE)
        answers = UNPROCESSABLE if is_bounded(schema) else (*UNPROCESSABLE, *JUST_NOT_RIGHT)
        yield Bad(f"a long {name}", operation.request(json=good | {name: LONG}), answers)


def _queries(operation: Operation, name: str, schema: Json) -> Iterator[Bad]:
    if name == "cursor":
        for cursor in CURSORS:
            yield _asking(operation, name, cursor, (400, "invalid_cursor"))
    for value in ("\0", *wrong_texts(schema)):
        yield _asking(operation, name, value, *UNPROCESSABLE)
    if name in operation.required:
        yield Bad(f"no {name}", operation.request(params={}), UNPROCESSABLE, name)


def _paths(operation: Operation) -> Iterator[Bad]:
    for value in PATH_VALUES:
        yield _at(operation, value, *NOWHERE)
    for value in AMBIGUOUS_PATH_VALUES:
        # A client that resolves ".." by itself asks for something else, which may have other methods and bodies.
        answers = ((400, "malformed_path"), (404, "not_found"), (405, "method_not_allowed"), (422, "invalid_request"))
        yield replace(_at(operation, value, *answers), reached=False)


def _raw(operation: Operation, what: str, content: bytes, answer: Answer, media_type: str = JSON) -> Bad:
    headers = {"Content-Type": media_type} if media_type else {}
    return Bad(what, operation.request(json=None, content=content, headers=headers), (answer,))


def _with(operation: Operation, name: str, value: Any) -> Bad:
    body = (operation.good_body() or {}) | {name: value}
    return Bad(f"{name!r}: {str(value)[:60]!r}", operation.request(json=body), UNPROCESSABLE, name)


def _asking(operation: Operation, name: str, value: str, *answers: Answer) -> Bad:
    return Bad(f"?{name}={value[:60]!r}", operation.request(params={name: value}), answers)


def _at(operation: Operation, value: str, *answers: Answer) -> Bad:
    url = operation.path_with(lambda _: value)
    return Bad(f"at {url[:60]}", operation.request(url=url), answers)


def wrong_values(schema: Json, good: Any) -> Iterator[Any]:
    """Values of every type but the right ones, and wrong ones of the right type; inside lists and objects likewise."""
    right = types_of(schema)
    for kind, values in OF_TYPE.items():
        if kind not in right:
            yield from values
    if "string" in right:
        yield from wrong_texts(schema)
    if "integer" in right:
        whole = next(each for each in alternatives(schema) if each["type"] == "integer")
        yield from (whole["minimum"] - 1, whole["maximum"] + 1, 10**18, 10**40)
    if "array" in right:
        yield [good[0]] * (schema["maxItems"] + 1)
        yield from ([value] for value in wrong_values(schema["items"], good[0]))
    if "object" in right:
        yield good | {"more": 1}
        for name, member in schema["properties"].items():
            yield from (good | {name: value} for value in wrong_values(member, good[name]))


def wrong_texts(schema: Json) -> Iterator[str]:
    """Texts that do not fit the description."""
    for each in alternatives(schema):
        if each.get("type") == "integer":
            yield from ODD_INTEGERS
        if words := each.get("enum"):
            yield from ("", "nonsense", words[0].upper(), ",".join(words))
        if each.get("format") == "email":
            yield from ODD_EMAILS
        if each.get("format") == "uuid":
            yield from ("", "x", SOME_ID[:-1])
        if "pattern" in each:
            yield from ("", "\x01", "\u202e")
        if longest := each.get("maxLength"):
            yield "x" * (longest + 1)


def alternatives(schema: Json) -> list[Json]:
    """The schemas of which one must fit."""
    return list(schema.get("anyOf", [schema]))


def types_of(schema: Json) -> set[str]:
    """The JSON types that a value may have."""
    return {each["type"] for each in alternatives(schema)}


def is_bounded(schema: Json) -> bool:
    """Whether the description tells which texts are too long."""
    return any(
        {"maxLength", "pattern", "enum"} & set(each) or each.get("format") == "uuid" for each in alternatives(schema)
    )
