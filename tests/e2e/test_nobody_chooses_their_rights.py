"""CVE-2024-0404, CVE-2026-27946: what the product decides cannot be set by a member of a request, on any route."""

import re

import httpx

from gateway.routes import ROUTES
from gateway.rule import Public
from tests.e2e.support import World, body_of
from tests.e2e.surface import SOME_ID

DECIDED = {
    "email_verified": True,
    "email_verified_at": "2026-01-01T00:00:00Z",
    "role": "owner",
    "status": "active",
    "tenant_id": "00000000-0000-7000-8000-000000000001",
    "user_id": "00000000-0000-7000-8000-000000000001",
    "invited_by": "00000000-0000-7000-8000-000000000001",
    "permissions": ["platform:operate"],
}
ALLOWED = {
    ("/api/auth/login", "tenant_id"),
    ("/api/auth/login/link", "tenant_id"),
    ("/api/auth/switch-tenant", "tenant_id"),
    ("/api/auth/invitations/generate", "tenant_id"),
    ("/api/auth/invitations/generate", "role"),
    ("/api/invitations", "role"),
    ("/api/users/{user_id}", "role"),
    ("/api/users/{user_id}", "status"),
}
"""Where it is a question to be judged, as other tests show."""


def refused_members(answer: httpx.Response) -> set[str]:
    """What the answer to a body names as unknown."""
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    return {error["field"] for error in answer.json()["errors"] if "not permitted" in error["message"]}


def test_no_body_takes_what_is_decided_elsewhere(product: World) -> None:
    operator, paths = product.operator(), body_of(product.anonymous.get("/openapi.json"))["paths"]
    with_body = [rule for rule in ROUTES if "requestBody" in paths.get(rule.path, {}).get(rule.method.lower(), {})]
    assert len(with_body) > 10
    for rule in with_body:
        http = product.anonymous if isinstance(rule.access, Public) else operator.http
        body = {name: value for name, value in DECIDED.items() if (rule.path, name) not in ALLOWED}
        path = re.sub(r"{\w+}", SOME_ID, rule.path)
        assert refused_members(http.request(rule.method, path, json=body)) == set(body), rule.path


def test_no_query_parameter_or_header_proves_an_address(product: World) -> None:
    customer = product.new_customer()
    email = f"squatter@{customer.domain}"
    wanted = {"email": email, "password": "a long walk by the sea 7", "name": "Squatter"}
    answer = product.anonymous.post(
        "/api/auth/signup",
        json=wanted,
        params={"email_verified": "true", "role": "owner"},
        headers={"X-Email-Verified": "true", "X-User-Role": "owner"},
    )
    assert answer.status_code == 202
    [person] = body_of(customer.owner.http.get("/api/users", params={"q": email}))["items"]
    assert (person["email_verified"], person["role"], person["status"]) == (False, "member", "pending")
