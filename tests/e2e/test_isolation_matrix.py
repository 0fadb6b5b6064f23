"""Every route, with every credential of one tenant and the ids of another: not a byte of the other tenant, ever.

CVE-2026-45414, CVE-2026-105209, CVE-2026-42572, CVE-2024-10452, CVE-2024-5714, CVE-2022-21706, CVE-2025-67717.
"""

import httpx
import pytest

from gateway.routes import MAILBOX, METRICS, ROUTES
from gateway.rule import Needs, Public, Rule, SignedIn
from tests.e2e.isolation import Row, Target, matrix
from tests.e2e.support import Customer, Person, World, body_of

RULES = (*ROUTES, *METRICS, *MAILBOX)
ROLES = ("member", "hr", "admin", "owner")
CREDENTIALS = (*ROLES, "nobody", "refresh token", "ended session")
# The mailbox is everybody's while developing; the documents hold the product's own words only.
SHOWS_ALL = {"/dev/mailbox", "/metrics"}


@pytest.fixture(scope="module")
def target(product: World) -> Target:
    """The tenant whose things are asked for."""
    return Target.furnish(product)


@pytest.fixture(scope="module")
def attackers(product: World) -> dict[str, Person | None]:
    """Everybody whom the other tenant knows."""
    customer = product.new_customer()
    people: dict[str, Person | None] = {role: product.member(customer, role) for role in ("member", "hr", "admin")}
    people |= {"nobody": None, "owner": customer.owner}
    ended = product.member(customer)
    ended.http.post("/api/auth/logout").raise_for_status()
    people["ended session"] = ended
    return people


def ask(
    world: World, who: Person | None, rule: Rule, row: Row, *, tenant_id: str | None = None, refreshing: bool = False
) -> httpx.Response:
    client = who.http if who else world.anonymous
    headers = {"X-Tenant-ID": tenant_id} if tenant_id else {}
    if who and refreshing:
        headers["Authorization"] = f"Bearer {who.session['refresh_token']}"
    return client.request(rule.method, rule.path.format(**row.path), params=row.query, json=row.body, headers=headers)


def test_every_route_has_a_row_and_every_row_a_route(target: Target) -> None:
    assert {(rule.method, rule.path) for rule in RULES} == set(matrix(target))


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.method} {rule.path}")
def test_no_credential_of_one_tenant_opens_anything_of_another(
    rule: Rule, credential: str, product: World, attackers: dict[str, Person | None], target: Target
) -> None:
    row = matrix(target)[rule.method, rule.path]
    who, refreshing = attackers.get(credential, attackers["owner"]), credential == "refresh token"
    if rule.path == "/api/auth/logout" and credential in ROLES and who:
        who = product.sign_in(who.email)  # signing out is allowed, so it takes a session of its own

    answer = ask(product, who, rule, row, refreshing=refreshing)

    assert answer.status_code in expected(rule, row, credential), answer.text
    if rule.path not in SHOWS_ALL and not (row.says_so and answer.is_success):
        assert [word for word in target.betraying if word in answer.text] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.method} {rule.path}")
def test_naming_another_tenant_in_the_header_is_refused_or_without_effect(
    rule: Rule, product: World, attackers: dict[str, Person | None], target: Target
) -> None:
    row = matrix(target)[rule.method, rule.path]
    owner = attackers["owner"]
    answer = ask(product, owner, rule, row, tenant_id=target.customer.id)
    if isinstance(rule.access, Public):
        assert answer.status_code in row.allowed
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "tenant_mismatch")


def expected(rule: Rule, row: Row, credential: str) -> frozenset[int]:
    """The right answers to this credential."""
    if isinstance(rule.access, Public):
        return row.allowed
    if credential in ("refresh token", "ended session"):
        return frozenset({401})
    if credential == "nobody":
        return frozenset({401}) if isinstance(rule.access, Needs | SignedIn) else row.allowed
    if isinstance(rule.access, Needs):
        return row.allowed | {403}
    return row.allowed


@pytest.mark.parametrize("path", ["/api/users", "/api/invitations", "/api/api-keys"])
def test_a_cursor_of_another_tenant_is_refused(path: str, attackers: dict[str, Person | None], target: Target) -> None:
    """CVE-2026-33503."""
    owner = attackers["owner"]
    assert owner is not None
    answer = owner.http.get(path, params={"cursor": target.cursors[path], "limit": 1})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_afterwards_the_other_tenant_is_as_it_was(target: Target, product: World) -> None:
    """Runs after the matrix in this file: nothing was suspended, revoked, resent, accepted or added."""
    owner = product.sign_in(target.customer.owner.email).http
    assert body_of(owner.get("/api/tenants/current"))["status"] == "active"
    assert body_of(owner.get(f"/api/invitations/{target.invitation_id}"))["status"] == "pending"
    assert len(body_of(owner.get("/api/users"))["items"]) == 2
    assert len(body_of(owner.get("/api/api-keys"))["items"]) == 2
    preview = body_of(product.anonymous.post("/api/invitations/preview", json={"token": target.invitation_token}))
    assert preview["state"] == "valid"


def test_rights_in_one_tenant_are_no_rights_in_another(product: World) -> None:
    """decocms#6371: an admin there, a member here, has a member's rights here."""
    there, here = product.new_customer(), product.new_customer()
    person = admin_of(there, product)
    token = product.invite(here.owner, person.email)
    as_member = product.person(person.http.post("/api/invitations/accept", json={"token": token}))
    assert (as_member.tenant_id, as_member.claims["role"]) == (here.id, "member")
    assert as_member.http.post("/api/invitations", json={"email": "x@y.example"}).status_code == 403
    assert person.http.post("/api/invitations", json={"email": "x@y.example"}).status_code == 201


def admin_of(customer: Customer, product: World) -> Person:
    return product.member(customer, "admin")
