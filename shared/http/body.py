"""Reading and checking what a client sends."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import ClientDisconnect, Request

from shared.contracts.domains import InvalidDomain
from shared.contracts.email import InvalidEmail
from shared.errors import FieldError, Invalid, NotFound
from shared.http.problems import BodyTooLarge, MalformedBody, UnsupportedMediaType

M = TypeVar("M", bound=BaseModel)
_TITLES = {
    InvalidEmail.code: InvalidEmail.title,
    InvalidDomain.code: InvalidDomain.title,
    "weak_password": "Weak password",
}
"""Findings with a code of their own; what has a code has one title, wherever it was found (RFC 9457, section 3.1.3)."""
_ENUM_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")
"""How pydantic writes the values of a ``Literal`` of some members of an enumeration."""
_LENGTH_OF_SECRET = re.compile(r"Value should have (at \w+ \d+) item(s?) after validation, not \d+")
"""What it says of a text that it is not to show."""

_AS_IT_IS = "identity"

MOST_ERRORS = 100
"""So many findings are told. A list may have thousands of them, and the answer be many times what was sent."""


class InvalidRequest(Invalid):
    """Members that do not fit; ``errors`` says which and why."""

    code = "invalid_request"
    title = "Invalid request"
    detail = "Some of what was sent does not fit."


async def read_json(request: Request, limit: int) -> bytes:
    """The body, not looked into yet; ``UnsupportedMediaType``, or ``BodyTooLarge`` beyond ``limit`` bytes."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType
    if (request.headers.get("content-encoding") or _AS_IT_IS).lower() != _AS_IT_IS:
        raise UnsupportedMediaType("Send the body as it is: this product unpacks none that is compressed.")
    return await _read(request, limit)


def parse_body(body: bytes, model: type[M]) -> M:
    """JSON as ``model``; ``MalformedBody``, or ``InvalidRequest`` with one error per member."""
    try:
        checked = model.model_validate_json(body)
    except ValidationError as error:
        found = _findings(error)
        if found[0]["type"] == "json_invalid" or _holds_no_number(body):
            raise MalformedBody from None
        raise _invalid_request(found) from None
    _refuse_nul(body)
    return checked


def read_query(request: Request, model: type[M]) -> M:
    """The query parameters as ``model``; ``InvalidRequest`` when they do not fit."""
    parameters = dict(request.query_params)
    if odd := [name for name, value in parameters.items() if "\0" in value]:
        raise _with_nul(odd[:MOST_ERRORS])
    try:
        return model.model_validate(parameters)
    except ValidationError as error:
        raise _invalid_request(_findings(error)) from None


def read_path(request: Request, name: str, kind: type) -> Any:
    """A path parameter as ``kind``. What is no UUID names nothing: ``NotFound``."""
    value = request.path_params[name]
    if kind is not UUID:
        return value
    try:
        found = UUID(value)
    except ValueError:
        raise NotFound from None
    if str(found) != value.lower():  # the library also reads braces, URNs and misplaced hyphens
        raise NotFound
    return found


def _findings(error: ValidationError) -> list[ErrorDetails]:
    """The first of them, without the values."""
    return error.errors(include_input=False, include_url=False, include_context=False)[:MOST_ERRORS]


def _invalid_request(found: list[ErrorDetails]) -> InvalidRequest:
    """Pydantic's findings as a problem; one that is alone and has a code of its own lends it."""
    problem = InvalidRequest(errors=[FieldError(".".join(str(part) for part in e["loc"]), _words(e)) for e in found])
    only = found[0]
    if len(found) == 1 and only["type"] in _TITLES:
        problem.code, problem.title, problem.detail = only["type"], _TITLES[only["type"]], only["msg"]  # type: ignore[misc]
    return problem


def _words(finding: ErrorDetails) -> str:
    """What is said of a member, without what only Python says of it."""
    said = _LENGTH_OF_SECRET.sub(r"String should have \1 character\2", finding["msg"].removeprefix("Value error, "))
    return _ENUM_MEMBER.sub(r"\1", said)


async def _read(request: Request, limit: int) -> bytes:
    if int(request.headers.get("content-length", 0)) > limit:
        raise _too_large(limit)
    chunks, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"This route takes at most {limit:,} bytes.")


def _holds_no_number(body: bytes) -> bool:
    """Whether there is a constant in it that pydantic reads, and JSON does not have. No member of ours takes one."""
    found: list[str] = []
    if b"NaN" in body or b"Infinity" in body:
        json.loads(body, parse_constant=found.append)
    return bool(found)


def _refuse_nul(body: bytes) -> None:
    # PostgreSQL's text cannot hold U+0000, which JSON can only write as this escape.
    if rb"\u0000" in body and (odd := list(islice(_with_a_nul(json.loads(body)), MOST_ERRORS))):
        raise _with_nul(odd)


def _with_a_nul(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all texts in JSON that hold one; of a member's name, that of what it is in."""
    if isinstance(value, str):
        if "\0" in value:
            yield path
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from [path] if "\0" in name else _with_a_nul(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _with_a_nul(item, f"{path}.{number}" if path else str(number))


def _with_nul(fields: list[str]) -> InvalidRequest:
    errors = [FieldError(field, "A text holds a NUL character.") for field in fields]
    return InvalidRequest("A text holds a NUL character.", errors=errors)
