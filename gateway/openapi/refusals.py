"""What the gateway itself may answer in place of a service, as a part of each operation's description."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.problems import InvalidToken, MalformedPath, ServiceUnavailable, TooManyRequests
from gateway.routes import GATEWAY
from gateway.rule import LimitClass, Needs, OptionalCaller, Public, Rule
from shared.contracts.caller import NotForApiKeys, TenantMismatch
from shared.errors import Forbidden, Problem, Unauthenticated
from shared.http.openapi import RETRY_AFTER, problem_answers
from shared.http.problems import BodyTooLarge

Document = dict[str, Any]

_LIMIT_HEADERS = RETRY_AFTER | {
    "RateLimit-Policy": {"description": "The allowance that is used up.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left of it, and when there will be more.", "schema": {"type": "string"}},
}


def with_refusals(rule: Rule, responses: Mapping[str, Document]) -> Document:
    """All ``responses`` of an operation: the service's own, with what the gateway may say under the same statuses."""
    own = problem_answers(_refusals(rule))
    if limited := own.get("429"):
        limited["headers"] = _LIMIT_HEADERS
    return {status: _both(own.get(status), responses.get(status)) for status in sorted({*own, *responses})}


def _refusals(rule: Rule) -> Iterable[type[Problem]]:
    match rule.access:
        case Public():
            pass
        case OptionalCaller():
            yield from (InvalidToken, TenantMismatch, NotForApiKeys)
        case Needs():
            yield from (Unauthenticated, InvalidToken, TenantMismatch, Forbidden)
        case _:
            yield from (Unauthenticated, InvalidToken, TenantMismatch, NotForApiKeys)
    if "{" in rule.path:
        yield MalformedPath
    if rule.limit is not LimitClass.UNLIMITED:
        yield TooManyRequests
    if rule.service != GATEWAY:
        yield ServiceUnavailable
        if rule.method != "GET":
            yield BodyTooLarge


def _both(gateway: Document | None, service: Document | None) -> Document:
    """One response out of two under the same status: all codes, each once, and all headers."""
    if gateway is None or service is None:
        return {**(gateway or service or {})}
    codes = [*gateway["description"].split(" · "), *service["description"].split(" · ")]
    headers = {**service.get("headers", {}), **gateway.get("headers", {})}
    return {**service, "description": " · ".join(dict.fromkeys(codes))} | ({"headers": headers} if headers else {})
