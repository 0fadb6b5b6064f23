"""API keys of HR tools, from outside: a matrix of their own, and how they die.

CVE-2026-44426, CVE-2026-92764, CVE-2025-61928, CVE-2023-39349.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from gateway.routes import ROUTES
from gateway.rule import Needs, Public, Rule
from shared.contracts.api_keys import ApiKey, Scope
from shared.ids import new_id
from tests.e2e.isolation import Target, matrix
from tests.e2e.support import Customer, Person, World, body_of, eventually

SCOPES = [scope.value for scope in Scope]


def new_key(maker: Person, *scopes: str) -> str:
    made = body_of(maker.http.post("/api/api-keys", json={"name": "A tool", "scopes": scopes or SCOPES}))
    secret: str = made["secret"]
    return secret


@contextmanager
def using(product: World, key: str) -> Iterator[httpx.Client]:
    """A tool that sends this key."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=product.base_url, headers=headers, timeout=20, trust_env=False) as http:
        yield http


def status_of(tool: httpx.Client, path: str = "/api/users") -> int:
    return tool.get(path).status_code


@pytest.fixture(scope="module")
def target(product: World) -> Target:
    """The tenant whose things are asked for."""
    return Target.furnish(product)


@pytest.fixture(scope="module")
def customer(product: World) -> Customer:
    """The tenant of the key."""
    return product.new_customer()


@pytest.fixture(scope="module")
def tool(product: World, customer: Customer) -> Iterator[httpx.Client]:
    """A key with every scope that there is, made by an owner."""
    with using(product, new_key(customer.owner)) as http:
        yield http


@pytest.mark.parametrize("rule", ROUTES, ids=lambda rule: f"{rule.method} {rule.path}")
def test_a_key_opens_nothing_of_another_tenant_and_no_route_for_people(
    rule: Rule, tool: httpx.Client, target: Target
) -> None:
    row = matrix(target)[rule.method, rule.path]
    path = rule.path.format(**row.path)
    answer = tool.request(rule.method, path, params=row.query, json=row.body)
    within = isinstance(rule.access, Needs) and rule.access.permission in SCOPES
    if isinstance(rule.access, Public) or within:
        assert answer.status_code in row.allowed, answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert [word for word in target.betraying if word in answer.text] == []

    named = tool.request(
        rule.method, path, params=row.query, json=row.body, headers={"X-Tenant-ID": target.customer.id}
    )
    if not isinstance(rule.access, Public):
        assert (named.status_code, named.json()["code"]) == (403, "tenant_mismatch")


def test_a_key_sees_its_tenant_only_whoever_made_it(product: World) -> None:
    """CVE-2026-92764: its maker belongs to two tenants, the key to one."""
    here, there = product.new_customer(), product.new_customer()
    maker = product.member(here, "admin")
    token = product.invite(there.owner, maker.email, "admin")
    maker_there = product.person(maker.http.post("/api/invitations/accept", json={"token": token}))
    with using(product, new_key(maker_there)) as tool:
        seen = {user["tenant_id"] for user in body_of(tool.get("/api/users"))["items"]}
        assert seen == {there.id}
        assert tool.get("/api/users", headers={"X-Tenant-ID": there.id}).status_code == 200
        assert tool.get("/api/users", headers={"X-Tenant-ID": here.id}).json()["code"] == "tenant_mismatch"


def test_a_key_does_what_its_scopes_say(product: World, customer: Customer) -> None:
    with using(product, new_key(customer.owner, "users:read")) as reader:
        assert status_of(reader) == 200
        assert reader.post("/api/invitations", json={"email": "x@y.example"}).status_code == 403
    with using(product, new_key(customer.owner, "invitations:manage")) as inviter:
        assert status_of(inviter) == 403
        invited = body_of(inviter.post("/api/invitations", json={"email": "new@y.example"}))
        assert invited["role"] == "member"
        refused = inviter.post("/api/invitations", json={"email": "boss@y.example", "role": "admin"})
        assert (refused.status_code, refused.json()["code"]) == (403, "role_too_high")
        keys = {key["id"] for key in body_of(customer.owner.http.get("/api/api-keys"))["items"]}
        assert invited["invited_by"] in keys


def test_a_tool_that_asks_again_under_its_own_key_invites_once(product: World, customer: Customer) -> None:
    once, person = {"Idempotency-Key": "row 17 of the list"}, {"email": "row17@y.example"}
    with using(product, new_key(customer.owner)) as tool:
        first = tool.post("/api/invitations", json=person, headers=once)
        again = tool.post("/api/invitations", json=person, headers=once)
        assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
        refused = tool.post("/api/invitations", json={"email": "row18@y.example"}, headers=once)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    [invitation] = body_of(customer.owner.http.get("/api/invitations", params={"q": "row17"}))["items"]
    assert invitation["id"] == first.json()["id"]


def test_a_revoked_key_is_dead_at_once(product: World, customer: Customer) -> None:
    key = new_key(customer.owner)
    parsed = ApiKey.parse(key)
    assert parsed
    with using(product, key) as tool:
        assert status_of(tool) == 200
        assert customer.owner.http.delete(f"/api/api-keys/{parsed.id}").status_code == 204
        eventually(lambda: status_of(tool) == 401, "the end of the key")
        assert tool.get("/api/users").json()["code"] == "invalid_token"


def test_a_key_sleeps_with_its_tenant(product: World) -> None:
    """CVE-2024-47060."""
    customer, operator = product.new_customer(), product.operator().http
    with using(product, new_key(customer.owner)) as tool:
        assert status_of(tool) == 200
        operator.post(f"/api/tenants/{customer.id}/suspend").raise_for_status()
        eventually(lambda: status_of(tool) == 401, "the end of the key")
        operator.post(f"/api/tenants/{customer.id}/resume").raise_for_status()
        eventually(lambda: status_of(tool) == 200, "the key's return")


def test_a_made_up_key_is_nobody(product: World) -> None:
    for text in (ApiKey.new(new_id()).text, "snk_", "snk_" + "0" * 71, "snk_x"):
        with using(product, text) as tool:
            answer = tool.get("/api/users")
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
