"""Bad input at every route of the public surface: a 4xx that says what is wrong, and nothing has changed."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from gateway.routes import GROUPS, ROUTES
from gateway.rule import OptionalCaller, Public, Rule
from shared.contracts.caller import CONTEXT_HEADER
from shared.http.problems import MEDIA_TYPE
from tests.e2e.bad_input import Bad, bad_requests
from tests.e2e.bad_values import ODD_QUERIES
from tests.e2e.digest import digest_when_quiet
from tests.e2e.support import Person, World, body_of
from tests.e2e.surface import Operation, surface
from tests.support.callers import an_operator, headers_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PROPFIND")
OURS_ALONE = re.compile(r"Traceback|asyncpg|pydantic|postgres|SELECT|\.py\b", re.IGNORECASE)
"""What stands in no answer: it would tell how things are made."""

GUARDED = [rule for rule in ROUTES if not isinstance(rule.access, Public)]


@pytest.fixture(scope="module")
def operator(product: World) -> Person:
    """Somebody who may do anything, so that nothing is refused for lack of a permission."""
    return product.operator()


@pytest.fixture(scope="module")
def operations(product: World) -> Mapping[Rule, Operation]:
    document = body_of(product.anonymous.get("/openapi.json"))
    return {operation.rule: operation for operation in surface(document)}


def named(rule: Rule) -> str:
    return f"{rule.method} {rule.path}"


def rules_of(tag: str) -> list[Rule]:
    """Those that a service answers for."""
    return [rule for rule in GROUPS[tag] if rule.service != "gateway"]


@pytest.mark.parametrize("tag", [tag for tag in GROUPS if rules_of(tag)])
def test_whatever_is_wrong_is_told_and_changes_nothing(
    tag: str, product: World, operator: Person, operations: Mapping[Rule, Operation]
) -> None:
    """A group of routes at a time: to look whether anything has changed takes longer than all that is asked of one."""
    before = digest(product)
    complaints = [
        f"{named(rule)}: {complaint}"
        for rule in rules_of(tag)
        for bad in bad_requests(operations[rule])
        if (complaint := judged(operations[rule], bad, operator.http.request(**bad.request)))
    ]
    assert complaints == [], "\n".join(complaints)
    assert digest(product) == before


def judged(operation: Operation, bad: Bad, answer: httpx.Response) -> str | None:
    """What is wrong with an answer, if it is not the right one."""
    told = problem_in(answer)
    if (answer.status_code, told.get("code")) not in bad.answers:
        return f"{bad.what}: {answer.status_code} {answer.text[:200]}"
    blamed = [error["field"] for error in told.get("errors", ())]
    if bad.member is not None and not any(field.split(".")[0] == bad.member for field in blamed):
        return f"{bad.what}: blames {blamed}"
    if bad.reached and not operation.tells_of(answer.status_code, told["code"]):
        return f"{bad.what}: {answer.status_code} {told['code']} is not described"
    return None


def problem_in(answer: httpx.Response) -> dict[str, Any]:
    """The problem that an answer tells; empty unless it is told as api.md says."""
    if answer.headers.get("content-type") != MEDIA_TYPE or OURS_ALONE.search(answer.text):
        return {}
    told: dict[str, Any] = answer.json()
    complete = {"type", "title", "status", "detail", "code", "request_id"} <= set(told)
    consistent = told["status"] == answer.status_code and told["request_id"] == answer.headers["x-request-id"]
    return told if complete and consistent else {}


def digest(product: World) -> Mapping[str, str]:
    """What is in all tables."""
    urls = product.live.product.databases
    return asyncio.run(digest_when_quiet({service: each.owner for service, each in urls.items()}))


def test_an_odd_query_is_answered_one_way_or_the_other(
    product: World, operator: Person, operations: Mapping[Rule, Operation]
) -> None:
    before = digest(product)
    for operation in operations.values():
        if operation.rule.method == "GET":
            for what, query in ODD_QUERIES.items():
                answer = operator.http.get(f"{operation.path}?{query}")
                told = f"{operation}, {what}: {answer.status_code} {answer.text}"
                assert answer.is_success or problem_in(answer), told
                assert answer.status_code < 500, told
    assert digest(product) == before


def test_a_wrong_method_is_told_the_right_ones(
    product: World, operator: Person, operations: Mapping[Rule, Operation]
) -> None:
    before = digest(product)
    allowed: dict[str, set[str]] = {}
    for operation in operations.values():
        right = {operation.rule.method} | ({"HEAD"} if operation.rule.method == "GET" else set())
        allowed.setdefault(operation.path, set()).update(right)
    for path, right in allowed.items():
        for method in set(METHODS) - right:
            answer = operator.http.request(method, path)
            assert answer.status_code == 405, f"{method} {path}"
            assert set(answer.headers["allow"].split(", ")) >= right
            assert method == "HEAD" or problem_in(answer)["code"] == "method_not_allowed"
    assert digest(product) == before


@pytest.mark.parametrize("rule", GUARDED, ids=named)
def test_a_token_that_was_tampered_with_opens_nothing(
    rule: Rule, product: World, operator: Person, operations: Mapping[Rule, Operation]
) -> None:
    for token in tampered(operator.session["access_token"], operator.session["refresh_token"]):
        request = operations[rule].request(headers={"Authorization": token})
        answer = product.anonymous.request(**request)
        assert (answer.status_code, problem_in(answer).get("code")) == (401, "invalid_token"), token
        assert answer.headers["www-authenticate"] == "Bearer"


def tampered(access_token: str, refresh_token: str) -> list[str]:
    head, claims, signature = access_token.split(".")
    changed = claims[:-2] + ("AA" if claims[-2:] != "AA" else "BB")
    return [
        f"Bearer {head}.{changed}.{signature}",
        f"Bearer {head}.{claims}.{signature[::-1]}",
        f"Bearer {head}.{claims}.",
        f"Bearer {claims}.{signature}",
        f"Bearer {access_token}.{signature}",
        f"Bearer {refresh_token}",
        f"Basic {access_token}",
        "Bearer",
        "",
    ]


@pytest.mark.parametrize("rule", GUARDED, ids=named)
def test_headers_that_only_we_may_send_open_nothing(
    rule: Rule, product: World, operations: Mapping[Rule, Operation]
) -> None:
    """CVE-2024-8901, CVE-2025-64484: forged contexts under every spelling."""
    context = headers_of(an_operator(), rule.service)[CONTEXT_HEADER]
    spellings = (CONTEXT_HEADER, CONTEXT_HEADER.upper(), CONTEXT_HEADER.replace("-", "_"))
    forged = [(spelling, context) for spelling in spellings]
    forged += [("X-User-ID", operations[rule].path), ("X-Role", "owner"), ("X-Client-Address", "127.0.0.1")]
    answer = product.anonymous.request(**operations[rule].request(headers=forged))
    if isinstance(rule.access, OptionalCaller):
        assert answer.status_code == 404  # as for anybody with such a token
    else:
        assert (answer.status_code, problem_in(answer).get("code")) == (401, "unauthenticated")


def test_odd_headers_keep_nobody_from_signing_in(product: World) -> None:
    person = product.member(product.new_customer())
    odd: list[list[tuple[bytes, bytes]]] = [
        [(b"User-Agent", bytes(range(0x80, 0x100)))],
        [(b"User-Agent", b"x" * 8000)],
        [(b"User-Agent", b"")],
        [(b"X-Request-ID", b"\xff\xfe"), (b"X-Request-ID", b"two")],
        [(b"traceparent", b"00-zz-zz-zz"), (b"tracestate", b"\xff")],
        [(b"Cookie", b"\x80=\xff; ;;=")],
        [(b"X-Forwarded-For", b"nonsense, \xff"), (b"X-Forwarded-Host", b"evil.example"), (b"Forwarded", b"for=;;")],
        [(b"Accept", b"\xff/\xfe"), (b"Accept-Encoding", b"zstd;q=2"), (b"Accept-Language", b"\x80")],
        [(b"Authorization", b"Bearer \xff")],
        [(b"X-Tenant-ID", b"\xff")],
    ]
    account = {"email": person.email, "password": "a long walk by the sea 7"}
    for headers in odd:
        answer = product.anonymous.post("/api/auth/login", json=account, headers=headers)
        assert answer.status_code == 200, headers
