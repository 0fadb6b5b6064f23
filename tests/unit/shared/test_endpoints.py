"""Endpoints: what is refused before a handler is called, and what it is given."""

import httpx
import pytest

from shared.contracts.caller import Caller
from shared.contracts.permissions import Permission
from shared.contracts.tenancy import Role
from shared.errors import Conflict, RateLimited, Unavailable
from shared.http.endpoint import Endpoint
from tests.support.callers import headers_of, peer_headers
from tests.unit.shared.notes import ADMIN, MEMBER, TENANT, answer, problem_of, public


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
