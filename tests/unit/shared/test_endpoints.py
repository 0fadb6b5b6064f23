"""Endpoints: what is refused before a handler is called, and what it is given."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.responses import Response

from shared.clock import utc_now
from shared.contracts.caller import Caller, ContextVerifier, Peer
from shared.contracts.email import EmailField
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role
from shared.errors import Conflict, RateLimited, Unavailable
from shared.http.app import build_app
from shared.http.body import MOST_ERRORS
from shared.http.client_info import Client
from shared.http.endpoint import Endpoint
from shared.http.idempotency import Attempt, Create
from shared.http.models import Answer, Body, Query
from shared.http.replies import no_content, reply
from tests.support.callers import SIGNING_KEY, a_caller, headers_of, peer_headers


class Said(Answer):
    """What the handler was given."""

    given: dict[str, Any]


class Beside(Answer):
    """What a refusal says beside what all of them do."""

    others: list[str]


class Note(Body):
    """What is sent."""

    text: str
    email: EmailField | None = None
    tags: tuple[str, ...] = ()


class Filter(Query):
    """What is asked for."""

    size: int = 10
    q: str | None = None


class Handlers:
    """Stands in for the use cases."""

    problem: Exception | None = None

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    async def once(self, attempt: Attempt, create: Create) -> Response:
        """Keeps no answer."""
        self.attempts.append(attempt)
        return await create()


async def write(use: Handlers, caller: Caller, body: Note, client: Client) -> Response:
    """Write a note."""
    if use.problem:
        raise use.problem
    return reply(Said(given={"tenant": str(caller.tenant_id), "text": body.text, "client": client.address}), 201)


async def look(use: Handlers, note_id: UUID, caller: Caller | None, query: Filter) -> Response:
    """Look at a note."""
    return reply(Said(given={"note": str(note_id), "caller": str(caller and caller.subject), "size": query.size}))


async def within(use: Handlers, peer: Peer) -> Response:
    """Only for fellow services."""
    return reply(Said(given={"peer": peer.name}))


async def public(use: Handlers) -> Response:
    """For everybody, even without the gateway."""
    return no_content()


async def gone(use: Handlers) -> Response:
    """Through the gateway, signed in or not."""
    return no_content()


ENDPOINTS = (
    Endpoint(
        "POST",
        "/notes",
        write,
        {201: Said},
        (Conflict,),
        needs=Permission.USERS_MANAGE,
        body_limit=1000,
        extensions={409: Beside},
    ),
    Endpoint("GET", "/notes/{note_id}", look, {200: Said}),
    Endpoint("DELETE", "/notes/{note_id}", gone, {204: None}),
    Endpoint("POST", "/internal/notes", within, {200: Said}),
    Endpoint("GET", "/public", public, {204: None}, open=True),
)

TENANT = UUID("0190f3a1-0000-7000-8000-000000000007")
ADMIN, MEMBER = a_caller(TENANT), a_caller(TENANT, Role.MEMBER)


async def answer(
    method: str,
    path: str,
    *,
    caller: Caller | None = ADMIN,
    headers: Mapping[str, str] | None = None,
    problem: Exception | None = None,
    use: Handlers | None = None,
    **sent: Any,
) -> httpx.Response:
    use = use or Handlers()
    use.problem = problem
    verifier = ContextVerifier(SIGNING_KEY, "notes", utc_now)
    app = build_app("notes", ENDPOINTS, use, verifier=verifier, checks={}, once=use.once)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notes") as client:
        signed = headers_of(caller, "notes") if headers is None else headers
        return await client.request(method, path, headers={**signed, **sent.pop("more", {})}, **sent)


def problem_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= body.keys()
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["x-request-id"]
    return response.status_code, body["code"]


async def test_a_handler_gets_what_its_signature_names() -> None:
    response = await answer("POST", "/notes", json={"text": "hello"}, more={"X-Client-Address": "192.0.2.7"})
    assert (response.status_code, response.headers["cache-control"]) == (201, "no-store")
    assert response.json()["given"] == {"tenant": str(TENANT), "text": "hello", "client": "192.0.2.7"}


async def test_an_optional_caller_may_be_missing() -> None:
    note = TENANT
    response = await answer("GET", f"/notes/{note}?size=3&unknown=ignored", caller=None)
    assert response.json()["given"] == {"note": str(note), "caller": "None", "size": 3}


@pytest.mark.parametrize("headers", [{}, {"x-caller-context": "made-up"}, {"X-User-Id": str(TENANT)}])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/notes"), ("GET", f"/notes/{TENANT}"), ("POST", "/internal/notes")]
)
async def test_without_a_signed_context_every_route_answers_401(
    method: str, path: str, headers: dict[str, str]
) -> None:
    """CVE-2024-8901: a service reached directly believes no header."""
    response = await answer(method, path, headers=headers, json={"text": "x"})
    assert problem_of(response) == (401, "invalid_caller_context")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_two_contexts_are_none() -> None:
    signed = headers_of(ADMIN, "notes")
    doubled = httpx.Headers([*signed.items(), *signed.items()])
    assert problem_of(await answer("GET", f"/notes/{TENANT}", headers=doubled)) == (401, "invalid_caller_context")


async def test_internal_routes_are_for_fellow_services_and_others_are_not() -> None:
    from_auth = peer_headers("auth", "notes")
    assert (await answer("POST", "/internal/notes", headers=from_auth)).json()["given"] == {"peer": "auth"}
    assert problem_of(await answer("POST", "/internal/notes"))[0] == 401
    assert problem_of(await answer("POST", "/notes", headers=from_auth, json={"text": "x"}))[0] == 401


async def test_a_route_for_callers_wants_one_with_the_permission() -> None:
    assert problem_of(await answer("POST", "/notes", caller=None, json={"text": "x"})) == (401, "unauthenticated")
    assert problem_of(await answer("POST", "/notes", caller=MEMBER, json={"text": "x"})) == (403, "forbidden")


async def test_an_api_key_is_let_in_only_where_a_permission_is_named() -> None:
    """CVE-2026-50105: a service does not rely on the gateway for that."""
    key = Caller(TENANT, TENANT, Role.HR, frozenset({Permission.USERS_MANAGE}), key_id=TENANT)
    assert (await answer("POST", "/notes", caller=key, json={"text": "x"})).status_code == 201
    assert problem_of(await answer("GET", f"/notes/{TENANT}", caller=key)) == (403, "forbidden")


async def test_an_open_route_needs_no_gateway() -> None:
    assert (await answer("GET", "/public", headers={})).status_code == 204


NO_JSON = [
    b"",
    b"{",
    b"{'text': 1}",
    b'{"text": "x"',
    b"\xff\xfe",
    b'{"text": NaN}',
    b'{"text": -Infinity}',
    b"[" * 900,
]


@pytest.mark.parametrize("body", NO_JSON)
async def test_a_body_that_is_not_json_is_malformed(body: bytes) -> None:
    response = await answer("POST", "/notes", content=body, more={"Content-Type": "application/json"})
    assert problem_of(response) == (400, "malformed_body")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 7}, "text"),
        ({"text": ["x"]}, "text"),
        ({"text": "x", "tags": ["a", 1]}, "tags.1"),
        ({"text": "x", "role": "owner"}, "role"),
        ([], ""),
        ("text", ""),
    ],
)
async def test_a_body_that_does_not_fit_says_where(body: object, field: str) -> None:
    response = await answer("POST", "/notes", json=body)
    assert problem_of(response) == (422, "invalid_request")
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_of_many_errors_the_first_are_told() -> None:
    """CVE-2024-28053: an answer does not grow with what was sent."""
    response = await answer("POST", "/notes", json={"text": "x", "tags": [1] * 300})
    assert [error["field"] for error in response.json()["errors"]] == [f"tags.{n}" for n in range(MOST_ERRORS)]


async def test_an_unknown_member_is_refused() -> None:
    """CVE-2024-0404: nobody slips in a role or a tenant."""
    response = await answer("POST", "/notes", json={"text": "x", "tenant_id": str(TENANT)})
    assert problem_of(response) == (422, "invalid_request")


async def test_an_odd_address_has_its_own_code() -> None:
    response = await answer("POST", "/notes", json={"text": "x", "email": "a@b@c.com"})
    assert problem_of(response) == (422, "invalid_email")


async def test_a_problem_never_repeats_what_was_sent() -> None:
    response = await answer("POST", "/notes", json={"text": {"canary": "swordfish"}, "email": "swordfish@@x"})
    assert "swordfish" not in response.text


async def test_a_nul_character_is_refused_and_a_backslash_is_not() -> None:
    """PostgreSQL's text cannot hold U+0000."""
    assert problem_of(await answer("POST", "/notes", json={"text": "a\0b"})) == (422, "invalid_request")
    assert problem_of(await answer("POST", "/notes", json={"text": "x", "tags": ["\0"]})) == (422, "invalid_request")
    assert (await answer("POST", "/notes", json={"text": r"a\u0000b"})).status_code == 201
    assert problem_of(await answer("GET", f"/notes/{TENANT}?q=%00")) == (422, "invalid_request")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_another_media_type_is_not_read(media_type: str) -> None:
    """A form that a mail scanner posts is not even looked at."""
    response = await answer("POST", "/notes", content=b'{"text":"x"}', more={"Content-Type": media_type})
    assert problem_of(response) == (415, "unsupported_media_type")


async def test_json_may_name_its_charset() -> None:
    more = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert (await answer("POST", "/notes", content=b'{"text":"x"}', more=more)).status_code == 201


async def test_a_body_over_the_limit_is_not_read_whether_announced_or_not() -> None:
    """CVE-2024-28053."""
    assert problem_of(await answer("POST", "/notes", json={"text": "x" * 1000})) == (413, "body_too_large")

    async def unannounced() -> Any:
        for _ in range(10):
            yield b"x" * 500

    more = {"Content-Type": "application/json"}
    assert problem_of(await answer("POST", "/notes", content=unannounced(), more=more)) == (413, "body_too_large")


@pytest.mark.parametrize("name", ["x", "..", "%00", f"{{{TENANT}}}", f"urn:uuid:{TENANT}", TENANT.hex])
async def test_what_is_no_uuid_names_nothing(name: str) -> None:
    assert problem_of(await answer("GET", f"/notes/{name}")) == (404, "not_found")


async def test_an_unknown_path_and_a_wrong_method_say_so() -> None:
    assert problem_of(await answer("GET", "/nothing")) == (404, "not_found")
    response = await answer("PATCH", f"/notes/{TENANT}")
    assert problem_of(response) == (405, "method_not_allowed")
    assert {m.strip() for m in response.headers["allow"].split(",")} == {"GET", "HEAD", "DELETE"}


async def test_head_is_get_without_a_body() -> None:
    assert (await answer("HEAD", f"/notes/{TENANT}")).status_code == 200


async def test_a_problem_may_have_members_of_its_own_and_replaces_none_of_those_that_all_have() -> None:
    taken = Conflict(extensions={"others": ["b"], "code": "other"})
    told = await answer("POST", "/notes", json={"text": "x"}, problem=taken)
    assert problem_of(told) == (409, "conflict")
    assert told.json()["others"] == ["b"]


async def test_problems_of_use_cases_become_answers() -> None:
    assert problem_of(await answer("POST", "/notes", json={"text": "x"}, problem=Conflict("Taken."))) == (
        409,
        "conflict",
    )
    limited = await answer("POST", "/notes", json={"text": "x"}, problem=RateLimited(retry_after=1.2))
    assert (problem_of(limited), limited.headers["retry-after"]) == ((429, "rate_limited"), "2")
    down = await answer("POST", "/notes", json={"text": "x"}, problem=Unavailable())
    assert (problem_of(down), down.headers["retry-after"]) == ((503, "unavailable"), "1")


async def test_our_own_fault_is_told_without_its_reason() -> None:
    response = await answer("POST", "/notes", json={"text": "x"}, problem=RuntimeError("password=swordfish"))
    assert problem_of(response) == (500, "internal_error")
    assert "swordfish" not in response.text


def test_a_permission_without_a_caller_is_a_mistake_in_the_program() -> None:
    with pytest.raises(TypeError):
        Endpoint("GET", "/x", public, {204: None}, needs=Permission.USERS_READ)
